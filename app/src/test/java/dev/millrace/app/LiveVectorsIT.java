package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A live run that keeps an index of pictures in step with the encoder that it serves. */
final class LiveVectorsIT {
  private static final int CHUNK = 40;
  private static final String SET = "generated:images=1500;test=20;classes=4;size=16";
  private static final List<String> LEARNING = TinyLive.learning(1, 50);

  @TempDir private Path temp;

  @Test
  void aRunKilledWhileItEmbedsAnewEndsWithVectorsOfTheEncoderThatIsServed() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    ImageSet pictures =
        Catalogue.standard().open("generated:images=200,classes=4,size=16").learnable();
    for (int i = 0; i < CHUNK; i++) {
      TinyLive.drop(incoming, "p" + i, pictures.image(i).bytes());
    }
    Command.done(line(run, incoming, "--judge", "none", "--until-idle"));
    String plain = run.resolve("run").toString();
    Path query = temp.resolve("query.png");
    Files.write(query, pictures.image(0).bytes());
    Command.done("search", plain, "--data", SET, "--query", query.toString());
    String name =
        Command.done("live", "vectors", run.toString(), "--json")
            .json()
            .path("indexes")
            .get(0)
            .path("index")
            .asText();
    Path anew = run.resolve("run/search").resolve(name + "@2");

    for (int i = CHUNK; i < 2 * CHUNK; i++) {
      TinyLive.drop(incoming, "p" + i, pictures.image(i).bytes());
    }
    String[] embedding = line(run, incoming, "--kept-vectors", "embed", "--vectors-share", "0.2");
    Command live = Command.start(embedding);
    assertThat(live.reaches(() -> Files.isDirectory(anew))).isTrue();
    TimeUnit.MILLISECONDS.sleep(500);
    live.kill();
    assertThat(KeptIndex.about(anew)).as("killed in the middle").isEmpty();
    assertThat(KeptIndex.about(anew.resolveSibling(name))).as("which answers").isPresent();

    Command.Ended again =
        Command.done("live", run.toString(), "--vectors-share", "1", "--until-idle");
    assertThat(again.err()).contains(name + ": 1520 pictures have vectors of version 2");
    JsonNode found = Command.done("live", "vectors", run.toString(), "--json").json();
    assertThat(found.path("indexes")).hasSize(1);
    assertThat(found.path("indexes").get(0).path("advice").asText()).isEqualTo("none");
    List<String> log = Files.readAllLines(run.resolve("vectors.jsonl"));
    assertThat(log).hasSize(2);
    assertThat(log.get(0)).contains("\"index_version\":1", "\"version\":2", "\"embedded\":0");
    assertThat(log.get(1)).contains("\"advice\":\"none\"");

    Command.Ended wrong = Command.run("live", run.toString(), "--kept-vectors", "anew");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("--kept-vectors", "off, say, bridge, embed");
  }

  private static String[] line(Path run, Path incoming, String... more) {
    return TinyLive.line(run, List.of("folder:" + incoming + ";settle=0s"), CHUNK, LEARNING, more);
  }
}
