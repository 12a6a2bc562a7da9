package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InsightIT {
  @TempDir private static Path folder;

  private static Path run;

  @BeforeAll
  static void copy() throws Exception {
    run = Tiny.trained(folder.resolve("run"));
    assertThat(Tiny.trainedEnd().err()).contains("chunk 2: features alive, effective rank");
  }

  private static Command.Ended insight(String... more) throws Exception {
    String[] args = new String[more.length + 14];
    String[] base = {
      "insight",
      run.toString(),
      "--images",
      "128",
      "--loss-images",
      "32",
      "--sharpness-images",
      "32",
      "--steps",
      "2",
      "--plane",
      "3",
      "--threads",
      "1"
    };
    System.arraycopy(base, 0, args, 0, base.length);
    System.arraycopy(more, 0, args, base.length, more.length);
    return Command.run(args);
  }

  @Test
  void allPartsComeAsJsonAndThenAsATableFromWhatIsKept() throws Exception {
    Command.Ended found = insight("--against", run.toString(), "--json");
    assertThat(found.code()).as(found.err()).isZero();
    JsonNode json = found.json();
    assertThat(json.path("run").asText()).isEqualTo(run.toString());
    assertThat(json.path("forgetting")).hasSize(2);
    assertThat(json.path("health")).hasSize(2);
    assertThat(json.path("cka")).hasSize(1);
    assertThat(json.path("sharpness")).hasSize(2);
    assertThat(json.path("landscape").path("paths")).hasSize(1);
    assertThat(json.path("against").path("cka")).hasSize(2);
    assertThat(found.err()).contains("sharpness, after chunk 2 (").doesNotContain("(kept)");
    Path page = folder.resolve("insight.html");
    Command.Ended kept = insight("--against", run.toString(), "--page", page.toString());
    assertThat(page)
        .content()
        .contains("Forgetting and absolute accuracy", "Against " + run)
        .contains(
            "Scale-dependent sharpness at the end of each chunk",
            "From chunk to chunk",
            "Over two random")
        .doesNotContain("NaN", "http://", "<script");
    assertThat(kept.err()).contains("landscape (kept)").doesNotContain("after chunk");
    assertThat(kept.out())
        .contains("accuracy by knn", "effective rank", "linear CKA", "Keskar", "landscape:")
        .contains("CKA against");
  }

  @Test
  void wrongFlagsAndRunsAreRefusedBeforeAnythingIsComputed() throws Exception {
    Command.Ended part = insight("--parts", "sharpnes");
    assertThat(part.code()).isEqualTo(2);
    assertThat(part.err()).contains("sharpness");
    for (Path place :
        new Path[] {folder.resolve("x.pdf"), folder, run.resolve("run.yaml/x.html")}) {
      Command.Ended page = insight("--page", place.toString());
      assertThat(page.code()).as(page.err()).isEqualTo(2);
      assertThat(page.err()).contains("--page " + place).doesNotContain(" s)", "(kept)");
    }
    Command.Ended none = Command.run("insight", folder.resolve("none").toString());
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("is not a run");
    Command.Ended against = insight("--against", folder.resolve("none").toString());
    assertThat(against.code()).isEqualTo(2);
    assertThat(against.err()).contains("is not a run").doesNotContain(" s)", "(kept)");
    Command.Ended draws = insight("--draws", "1");
    assertThat(draws.code()).isEqualTo(2);
    assertThat(draws.err()).contains("--draws 1 is below 2");
  }
}
