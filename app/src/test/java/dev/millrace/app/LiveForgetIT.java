package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code live forget} as a user gives it. */
final class LiveForgetIT {
  private static final int CHUNK = 20;

  @TempDir private Path temp;
  private Path incoming;
  private Path run;
  private ImageSet pictures;

  @BeforeEach
  void begin() throws IOException {
    incoming = Files.createDirectory(temp.resolve("incoming"));
    run = temp.resolve("run");
    pictures = Catalogue.standard().open("generated:images=100,classes=4,size=16").learnable();
  }

  private void drop(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      TinyLive.drop(incoming, name(i), pictures.image(i).bytes());
    }
  }

  private String[] line(List<String> learning, String... more) {
    return TinyLive.line(run, List.of("folder:" + incoming + ";settle=0s"), CHUNK, learning, more);
  }

  private String[] forget(String... ids) throws IOException {
    Path file = temp.resolve("ids");
    Files.write(file, List.of(ids), StandardCharsets.UTF_8);
    return new String[] {"live", "forget", run.toString(), "--ids", file.toString(), "--json"};
  }

  /** In the order in which a folder is read. */
  private static String name(int picture) {
    return "p" + (100 + picture);
  }

  private String id(int picture) {
    return "folder:" + incoming + "\t" + name(picture) + ".png";
  }

  /** Whether a picture's bytes are in any file of the run. */
  private boolean isThere(int picture) throws IOException {
    byte[] bytes = pictures.image(picture).bytes();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (contains(Files.readAllBytes(file), bytes)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean contains(byte[] all, byte[] some) {
    return IntStream.rangeClosed(0, all.length - some.length)
        .anyMatch(at -> Arrays.equals(all, at, at + some.length, some, 0, some.length));
  }

  @Test
  void whatIsForgottenIsNowhereInTheRunWhichGoesOn() throws Exception {
    List<String> learning = TinyLive.learning(1, 100, "--memory-images", "30");
    drop(0, 45);
    Command.done(line(learning, "--until-idle", "--judge", "none"));
    assertThat(isThere(3)).isTrue();
    assertThat(isThere(42)).isTrue();
    Files.createDirectories(run.resolve("run/search/incoming"));
    Files.write(run.resolve("run/search/incoming/_0.vec"), new byte[9]);

    Path about = run.resolve("encoders/2/version.json");
    byte[] whole = Files.readAllBytes(about);
    Files.writeString(about, "{");
    Command.Ended asked = Command.run(forget(id(3), "p142.png", id(77), id(25)));
    Files.write(about, whole);
    assertThat(asked.code()).as("one is unknown").isEqualTo(1);
    assertThat(asked.err()).contains("p177.png");
    JsonNode said = asked.json();
    assertThat(said.path("forgotten")).hasSize(3);
    assertThat(said.path("waiting")).isEmpty();
    assertThat(said.path("versions").toString())
        .as("what cannot be read may have learned from them")
        .isEqualTo("[1,2]");
    for (int gone : List.of(3, 25, 42)) {
      assertThat(isThere(gone)).as("picture " + gone).isFalse();
    }
    assertThat(run.resolve("run/search")).doesNotExist();
    assertThat(Command.run(forget(id(3))).code()).as("once more").isZero();

    drop(45, 65);
    Command live = Command.start(line(learning, "--judge", "none"));
    assertThat(live.reaches(() -> Files.exists(run.resolve("encoders/3")))).isTrue();
    JsonNode beside = Command.done(forget(id(64), id(44))).json();
    assertThat(beside.path("forgotten")).hasSize(2);
    live.terminate();
    assertThat(live.await().code()).isEqualTo(130);
    assertThat(isThere(64)).isFalse();
    assertThat(isThere(44)).isFalse();
    JsonNode account = Command.done("live", "status", run.toString(), "--json").json();
    assertThat(account.path("offered").asInt()).isEqualTo(65);
    assertThat(account.path("forgotten").asInt()).isEqualTo(5);
    assertThat(account.path("learned").asInt()).isEqualTo(3 * CHUNK - 3);
    assertThat(account.path("pending").asInt()).isEqualTo(65 - 3 * CHUNK - 2);
    assertThat(Command.done("doctor", run.resolve("run").toString()).code()).isZero();
  }

  @Test
  void whatWaitedIsNeverLearnedAndTheRunStillEqualsItsChunks() throws Exception {
    List<String> learning = TinyLive.learning(8, 3, "--replay", "0.2");
    drop(0, 65);
    Command live = Command.start(line(learning, "--judge", "none"));
    assertThat(
            live.reaches(
                () ->
                    Files.exists(run.resolve("chunks/000003.tar"))
                        && Files.exists(run.resolve("run/metrics.jsonl"))))
        .isTrue();
    live.kill();
    assertThat(run.resolve("encoders/1")).as("chunk 1 is half learned").doesNotExist();

    JsonNode said = Command.done(forget(id(30), id(62))).json();
    assertThat(said.path("versions")).isEmpty();
    assertThat(said.path("forgotten")).hasSize(2);
    assertThat(isThere(30)).isFalse();
    assertThat(isThere(62)).isFalse();

    JsonNode account =
        Command.done(line(learning, "--until-idle", "--judge", "none", "--json")).json();
    assertThat(account.path("learned").asInt()).isEqualTo(3 * CHUNK - 1);
    assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(TinyLive.given(temp, run, learning));
  }

  @Test
  void aChunkOfWhichOnePictureIsLeftHasNoPartInTheRun() throws Exception {
    List<String> learning = TinyLive.learning(8, 3, "--replay", "0.2");
    drop(0, 65);
    Command live = Command.start(line(learning, "--judge", "none"));
    assertThat(live.reaches(() -> Files.exists(run.resolve("run/metrics.jsonl")))).isTrue();
    assertThat(live.reaches(() -> Files.exists(run.resolve("chunks/000003.tar")))).isTrue();
    live.kill();
    String[] all = IntStream.range(CHUNK, 2 * CHUNK - 1).mapToObj(this::id).toArray(String[]::new);
    assertThat(Command.done(forget(all)).json().path("versions")).isEmpty();
    Command.done(line(learning, "--until-idle", "--judge", "none"));
    assertThat(Settings.ofRun(run.resolve("run")).stream().chunks()).isEqualTo(2);
    assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(TinyLive.given(temp, run, learning));
  }

  @Test
  void learnedChunksAreLetGoAndTheRunGoesOnWithoutThem() throws Exception {
    List<String> learning = TinyLive.learning(1, 100, "--memory-images", "30");
    drop(0, 60);
    Command.done(line(learning, "--until-idle", "--keep-bytes", "1"));
    assertThat(run.resolve("chunks/000002.tar")).doesNotExist();
    assertThat(run.resolve("chunks/000003.tar")).as("the last learned one").exists();
    JsonNode exported =
        Command.done("live", "export-chunks", run.toString(), temp.resolve("out") + "", "--json")
            .json();
    assertThat(exported.path("gone").toString()).isEqualTo("[1,2]");
    assertThat(exported.path("chunks")).hasSize(1);

    drop(60, 100);
    JsonNode account = Command.done(line(learning, "--until-idle", "--json")).json();
    assertThat(account.path("learned").asInt()).isEqualTo(5 * CHUNK);
    assertThat(run.resolve("chunks/000004.tar")).as("the bound is kept").doesNotExist();
    Command.done(forget(id(3)));
    assertThat(isThere(3)).as("in the replay memory").isFalse();
  }
}
