package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProbeIT {
  private static final String SET = "generated:images=128,test=32,classes=4";

  @TempDir private static Path folder;

  private static Path run;

  @BeforeAll
  static void pretrain() throws Exception {
    run = folder.resolve("run");
    Command.done(Tiny.classStream(run));
  }

  @Test
  void everyTaskSetAndChunkIsOneResultWithEveryField() throws Exception {
    JsonNode json =
        Command.done(
                "probe",
                run.toString(),
                "--task",
                "knn,linear",
                "--data",
                SET,
                "--chunk",
                "all",
                "--threads",
                "1",
                "--json")
            .json();
    JsonNode results = json.path("results");
    assertThat(results).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode result = results.get(i);
      assertThat(result.path("task").asText()).isEqualTo(i % 2 == 0 ? "knn" : "linear");
      assertThat(result.path("data").asText()).isEqualTo(SET);
      assertThat(result.path("split").asText()).isEqualTo("test");
      assertThat(result.path("chunk").asInt(-1)).isEqualTo(i / 2);
      assertThat(result.path("shots").isNull()).isTrue();
      assertThat(result.path("metric").asText()).isEqualTo("top1");
      assertThat(result.path("value").isNumber()).isTrue();
      assertThat(result.path("value").asDouble()).isBetween(0.0, 100.0);
      assertThat(result.path("ci95").isNull()).isTrue();
    }
    assertThat(run.resolve("probes.jsonl")).content().hasLineCount(4);
  }

  @Test
  void aSizeBelowEightIsWrongUsage() throws Exception {
    Command.Ended ended =
        Command.run("probe", run.toString(), "--data", SET, "--size", "7", "--json");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("--size 7 is below 8");
  }
}
