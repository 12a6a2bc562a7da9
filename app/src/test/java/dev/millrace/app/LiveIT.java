package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.Sha256;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiveIT {
  private static final int PICTURES = 130;
  private static final int CHUNK = 40;

  private static final List<String> LEARNING =
      List.of(
          "--width",
          "4",
          "--size",
          "16",
          "--batch",
          "16",
          "--epochs",
          "2",
          "--queue",
          "32",
          "--replay",
          "0.1",
          "--checkpoint-steps",
          "3",
          "--threads",
          "1");

  @TempDir private Path temp;

  @Test
  void aLiveRunKilledAtRandomMomentsEqualsAGivenStreamOverItsChunks() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    ImageSet pictures =
        Catalogue.standard().open("generated:images=200,classes=4,size=16").learnable();
    SplittableRandom random = new SplittableRandom(28);
    int dropped = 0;
    for (int kill = 0; kill < 4; kill++) {
      Command live = Command.start(line(run, incoming));
      for (int i = 0; i < PICTURES / 4; i++, dropped++) {
        drop(incoming, "p" + dropped, pictures.image(dropped).bytes());
      }
      drop(incoming, "again" + kill, pictures.image(kill).bytes());
      Files.write(incoming.resolve("half" + kill + ".png.part"), new byte[10]);
      TimeUnit.MILLISECONDS.sleep(1000 + random.nextInt(3500));
      assertThat(live.alive()).as("alive when it is killed").isTrue();
      live.kill();
    }
    while (dropped < PICTURES) {
      drop(incoming, "p" + dropped, pictures.image(dropped++).bytes());
    }
    drop(incoming, "broken", new byte[] {1, 2, 3});

    List<String> last = new ArrayList<>(List.of(line(run, incoming)));
    last.addAll(List.of("--until-idle", "--json"));
    JsonNode account = Command.done(last.toArray(String[]::new)).json();
    assertThat(account.path("offered").asInt()).isEqualTo(PICTURES + 5);
    assertThat(account.path("duplicate").asInt()).isEqualTo(4);
    assertThat(account.path("quarantined").asInt()).isEqualTo(1);
    assertThat(account.path("learned").asInt()).isEqualTo(PICTURES / CHUNK * CHUNK);
    assertThat(account.path("pending").asInt()).isEqualTo(PICTURES % CHUNK);
    assertThat(Command.done("live", "status", run.toString(), "--json").json()).isEqualTo(account);

    Path chunks = temp.resolve("chunks");
    Command.done("live", "export-chunks", run.toString(), chunks.toString());
    Path given = temp.resolve("given");
    List<String> pretrain = new ArrayList<>(List.of("pretrain", "--stream", "given", "--data"));
    try (Stream<Path> files = Files.list(chunks)) {
      pretrain.add(String.join(",", files.map(Path::toString).sorted().toList()));
    }
    pretrain.addAll(List.of("--out", given.toString()));
    pretrain.addAll(LEARNING);
    Command.done(pretrain.toArray(String[]::new));
    assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(Tiny.sha256(given));
    String serving = account.path("serving").asText();
    assertThat(account.path("serving_sha256").asText())
        .isEqualTo(Sha256.of(run.resolve("encoders/" + serving + "/encoder.safetensors")));
    assertThat(Files.readAllLines(run.resolve("decisions.jsonl")))
        .allSatisfy(line -> assertThat(line).contains("\"what\":\"gate\"", "rank_candidate"));
    assertThat(Sha256.of(run.resolve("encoders/3/encoder.safetensors")))
        .isEqualTo(Tiny.sha256(given));
  }

  @Test
  void twoProcessesOnOneRunAreRefused() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    Command live = Command.start(line(run, incoming));
    assertThat(live.reaches(() -> Files.exists(run.resolve("account.sqlite")))).isTrue();
    Command.Ended second = Command.run("live", run.toString());
    assertThat(second.code()).isEqualTo(2);
    assertThat(second.err()).contains("another process");
    live.terminate();
    assertThat(live.await().code()).isEqualTo(130);
    Command.Ended other = Command.run("live", run.toString(), "--close", "count=7", "--until-idle");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("--close count=7, expected count=" + CHUNK);
  }

  private static String[] line(Path run, Path incoming) {
    List<String> line = new ArrayList<>(List.of("live", run.toString()));
    line.addAll(List.of("--source", "folder:" + incoming + ";settle=0s"));
    line.addAll(List.of("--close", "count=" + CHUNK));
    line.addAll(LEARNING);
    return line.toArray(String[]::new);
  }

  /** As a careful producer does: written beside, and renamed into place. */
  private static void drop(Path folder, String name, byte[] bytes) throws IOException {
    Path beside = folder.resolve("." + name);
    Files.write(beside, bytes);
    Files.move(beside, folder.resolve(name + ".png"), StandardCopyOption.ATOMIC_MOVE);
  }
}
