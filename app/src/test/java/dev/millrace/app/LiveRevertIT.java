package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiveRevertIT {
  private static final int CHUNK = 30;
  private static final int CHUNKS = 4;
  private static final List<String> LEARNING = TinyLive.learning(2, 3, "--replay", "0.1");

  @TempDir private Path temp;

  @Test
  void aRunThatGoesBackEqualsAStreamOfTheOtherChunksHoweverOftenItIsKilled() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    ImageSet pictures =
        Catalogue.standard().open("generated:images=200,classes=4,size=16").learnable();
    for (int i = 0; i < CHUNKS * CHUNK + 5; i++) {
      TinyLive.drop(incoming, "p%03d".formatted(i), pictures.image(i).bytes());
    }
    List<String> line = new ArrayList<>(List.of(run.toString(), incoming.toString()));
    line.add(Integer.toString(CHUNK));
    line.addAll(LEARNING);
    String[] args = line.toArray(String[]::new);
    SplittableRandom random = new SplittableRandom(7);
    for (int kill = 0; kill < 3; kill++) {
      Command live = Command.start(List.of(), RevertingLive.class.getName(), args);
      TimeUnit.MILLISECONDS.sleep(2500 + random.nextInt(3000));
      live.kill();
    }
    Command.Ended ended = Command.start(List.of(), RevertingLive.class.getName(), args).await();
    assertThat(ended.code()).as(ended.err()).isZero();

    JsonNode account = Command.done("live", "status", run.toString(), "--json").json();
    assertThat(account.path("chunks_set_aside").asInt()).isEqualTo(2);
    assertThat(account.path("set_aside").asInt()).isEqualTo(2 * CHUNK);
    assertThat(account.path("learned").asInt()).isEqualTo(2 * CHUNK);
    assertThat(account.path("pending").asInt()).isEqualTo(5);
    assertThat(account.path("serving").asInt()).isEqualTo(3);
    assertThat(Files.readAllLines(run.resolve("decisions.jsonl")))
        .hasSize(4)
        .filteredOn(one -> one.contains("\"action\":\"revert\""))
        .hasSize(2);
    assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(TinyLive.given(temp, run, LEARNING));
    assertThat(Files.list(temp.resolve("chunks")).map(one -> one.getFileName().toString()))
        .containsExactlyInAnyOrder("000001.tar", "000003.tar");
  }
}
