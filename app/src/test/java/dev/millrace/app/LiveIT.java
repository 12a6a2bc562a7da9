package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.Sha256;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiveIT {
  private static final int PICTURES = 130;
  private static final int CHUNK = 40;

  private static final List<String> LEARNING = TinyLive.learning(2, 3, "--replay", "0.1");

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
        TinyLive.drop(incoming, "p" + dropped, pictures.image(dropped).bytes());
      }
      TinyLive.drop(incoming, "again" + kill, pictures.image(kill).bytes());
      Files.write(incoming.resolve("half" + kill + ".png.part"), new byte[10]);
      TimeUnit.MILLISECONDS.sleep(1000 + random.nextInt(3500));
      assertThat(live.alive()).as("alive when it is killed").isTrue();
      live.kill();
    }
    while (dropped < PICTURES) {
      TinyLive.drop(incoming, "p" + dropped, pictures.image(dropped++).bytes());
    }
    TinyLive.drop(incoming, "broken", new byte[] {1, 2, 3});

    JsonNode account = Command.done(line(run, incoming, "--until-idle", "--json")).json();
    assertThat(account.path("offered").asInt()).isEqualTo(PICTURES + 5);
    assertThat(account.path("duplicate").asInt()).isEqualTo(4);
    assertThat(account.path("quarantined").asInt()).isEqualTo(1);
    assertThat(account.path("learned").asInt()).isEqualTo(PICTURES / CHUNK * CHUNK);
    assertThat(account.path("pending").asInt()).isEqualTo(PICTURES % CHUNK);
    assertThat(Command.done("live", "status", run.toString(), "--json").json()).isEqualTo(account);

    String given = TinyLive.given(temp, run, LEARNING);
    assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(given);
    String serving = account.path("serving").asText();
    assertThat(account.path("serving_sha256").asText())
        .isEqualTo(Sha256.of(run.resolve("encoders/" + serving + "/encoder.safetensors")));
    assertThat(Files.readAllLines(run.resolve("decisions.jsonl")))
        .allSatisfy(line -> assertThat(line).contains("\"what\":\"gate\"", "rank_candidate"));
    assertThat(Sha256.of(run.resolve("encoders/3/encoder.safetensors"))).isEqualTo(given);
  }

  @Test
  void theSignalsOfAKeyboardAndOfSystemdStopLearningAtACheckpoint() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    ImageSet pictures =
        Catalogue.standard().open("generated:images=200,classes=4,size=16").learnable();
    for (int i = 0; i < CHUNK; i++) {
      TinyLive.drop(incoming, "p" + i, pictures.image(i).bytes());
    }
    List<String> learning = TinyLive.learning(5000, 30000);
    for (String name : signals()) {
      Path run = temp.resolve(name);
      List<String> source = List.of("folder:" + incoming + ";settle=0s;after=keep");
      Command live = Command.start(TinyLive.line(run, source, CHUNK, learning));
      Path metrics = run.resolve("run/metrics.jsonl");
      assertThat(live.reaches(() -> Command.lines(metrics) > 4)).isTrue();
      // The process that learns gets it first, which is the harder order.
      for (ProcessHandle child : live.children()) {
        new ProcessBuilder("kill", "-" + name, "" + child.pid()).start().waitFor();
      }
      live.signal(name);
      Command.Ended ended = live.await();
      assertThat(ended.code()).isIn(130, 0);
      assertThat(ended.err()).doesNotContain("cannot be learned", "tried again");
      assertThat(run.resolve("run/checkpoints")).isNotEmptyDirectory();
    }
  }

  /**
   * Those that a process which is started from here can hear: a job in the background has no INT.
   */
  private static List<String> signals() throws IOException {
    Path status = Path.of("/proc/self/status");
    boolean deaf =
        Files.exists(status)
            && Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.replaceFirst("SigIgn:\\s*", ""))
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & 2) != 0);
    return deaf ? List.of("TERM") : List.of("INT", "TERM");
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

  @Test
  void aPortInUseIsRefusedBeforeAnythingIsTakenIn() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String place = "127.0.0.1:" + taken.getLocalPort();
      Command.Ended ended = Command.run(line(run, incoming, "--serve", place));
      assertThat(ended.code()).isEqualTo(2);
      assertThat(ended.err()).contains("--serve", place, "give another port");
    }
    assertThat(run).doesNotExist();
  }

  private static String[] line(Path run, Path incoming, String... more) {
    return TinyLive.line(run, List.of("folder:" + incoming + ";settle=0s"), CHUNK, LEARNING, more);
  }
}
