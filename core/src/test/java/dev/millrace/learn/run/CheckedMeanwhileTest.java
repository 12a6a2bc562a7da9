package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose pictures are decoded first when they are drawn. */
class CheckedMeanwhileTest {
  private static final int PICTURES = 40;

  @TempDir Path folder;

  private Path data;

  @BeforeEach
  void pictures() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    for (int i = 0; i < PICTURES; i++) {
      write(i, i % 13 == 7);
    }
  }

  /** A cut one begins as a picture does, so that only decoding finds it. */
  private void write(int i, boolean cut) throws IOException {
    byte[] head = "P6 100 100 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, cut ? 17_000 : head.length + 3 * 100 * 100);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3));
    }
    Files.write(data.resolve("%02d.ppm".formatted(i)), bytes);
  }

  private Settings settings(String check) {
    return Settings.defaults(data.toString())
        .with(Map.of("width", 4, "size", 16, "epochs", 2, "batch", 10, "queue", 20, "threads", 1))
        .with(Map.of("max-bad", 0.2, "check", check, "checkpoint-steps", 3));
  }

  private static List<String> bad(Path run) throws IOException {
    return Pattern.compile("\\d\\d\\.ppm")
        .matcher(Files.readString(run.resolve("quarantine.jsonl")))
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static List<String> losses(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.jsonl"))) {
      return lines.map(line -> line.replaceAll(".*\"loss\":([^,]+),.*", "$1")).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8})
  void stoppedAtAnyStepAndResumedEqualsNeverStopped(int steps) throws IOException {
    Settings settings =
        settings("meanwhile").with(Map.of("stream", "instance", "chunks", 2, "replay", 0.3));
    Path straight = folder.resolve("straight");
    Millrace.Outcome whole = Millrace.pretrain(settings, straight);
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(steps);
    assertThat(Millrace.pretrain(settings, run, stop, stop).stopped()).isTrue();
    Millrace.Outcome resumed = Millrace.resume(run, event -> {}, () -> false);
    assertThat(resumed.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(bad(run))
        .isEqualTo(bad(straight))
        .containsExactlyInAnyOrder("07.ppm", "20.ppm", "33.ppm");
    assertThat(losses(run)).isEqualTo(losses(straight));
  }

  @Test
  void everyBadPictureIsNamedOnceAlsoThoseThatNoStepDrew() throws IOException {
    Settings settings = settings("meanwhile").with(Map.of("epochs", 1, "batch", 39));
    Path run = folder.resolve("run");
    StopAfter one = new StopAfter(1);
    assertThat(Millrace.pretrain(settings, run, one, one).steps()).isEqualTo(1);
    List<String> met = bad(run);
    assertThat(met).doesNotHaveDuplicates().isNotEmpty();
    Millrace.resume(run, event -> {}, () -> false);
    assertThat(bad(run)).containsExactlyInAnyOrder("07.ppm", "20.ppm", "33.ppm");
  }

  @Test
  void picturesThatAreAllGoodAreLearnedAsAfterACheck() throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      write(i, false);
    }
    Millrace.pretrain(settings("before"), folder.resolve("before"));
    Millrace.pretrain(settings("meanwhile"), folder.resolve("meanwhile"));
    assertThat(losses(folder.resolve("meanwhile"))).isEqualTo(losses(folder.resolve("before")));
    assertThat(folder.resolve("meanwhile/checks/0.json")).doesNotExist();
    assertThat(folder.resolve("meanwhile/checks/0.late.json")).exists();
  }

  @Test
  void tooManyBadOnesEndTheRunByNameAndAResumeThatAllowsThemGoesOn() throws IOException {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(settings("meanwhile").with("max-bad", 0.03), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 of the 40 pictures of chunk 1 (all of data) cannot be decoded")
        .hasMessageContaining("those met so far are in");
    assertThat(bad(run)).hasSize(3);
    Millrace.Outcome outcome = Millrace.resume(run, 0.2, event -> {}, () -> false);
    assertThat(outcome.stopped()).isFalse();
    assertThat(bad(run)).containsExactlyInAnyOrder("07.ppm", "20.ppm", "33.ppm");
  }

  private void good() throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      write(i, false);
    }
  }

  @Test
  void aJpegThatIsCutInHalfIsMetAndNotLearnedAsGrey() throws IOException {
    good();
    BufferedImage image = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
    for (int at = 0; at < 10_000; at++) {
      image.setRGB(at % 100, at / 100, at * 7919);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", whole);
    Path cut = data.resolve("05.jpg");
    Files.delete(data.resolve("05.ppm"));
    Files.write(cut, Arrays.copyOf(whole.toByteArray(), whole.size() / 2));
    Path run = folder.resolve("run");
    StopAfter epoch = new StopAfter(4);
    Millrace.pretrain(settings("meanwhile"), run, epoch, epoch);
    assertThat(run.resolve("checks/0.late.json")).doesNotExist();
    assertThat(Files.readString(run.resolve("quarantine.jsonl"))).contains("\"05.jpg\"");
  }

  @Test
  void badPicturesThatAreMendedAfterARefusalAreLearned() throws IOException {
    Path run = refused("run");
    List<String> met = bad(run);
    for (String name : met) {
      write(Integer.parseInt(name.substring(0, 2)), false);
    }
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
    assertThat(Files.readString(run.resolve("checks/0.late.json")))
        .doesNotContain(met.get(0))
        .doesNotContain(met.get(1));
  }

  @Test
  void badPicturesThatAreRemovedAfterARefusalCountNoMore() throws IOException {
    Path run = refused("run");
    for (String name : bad(run)) {
      Files.delete(data.resolve(name));
    }
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
    assertThat(bad(run)).containsExactlyInAnyOrder("07.ppm", "20.ppm", "33.ppm");
  }

  private static RunEvent.Listener killed(int step) {
    return event -> {
      if (event instanceof RunEvent.Stepped made && made.position().total() == step) {
        throw new IllegalStateException("killed");
      }
    };
  }

  private void mend(String... names) throws IOException {
    for (String name : names) {
      write(Integer.parseInt(name.substring(0, 2)), false);
    }
  }

  /** Bad ones whose first bytes show it may be mended, so nothing refuses them. */
  private void badHeads() throws IOException {
    for (String name : List.of("07.ppm", "20.ppm", "33.ppm")) {
      Files.writeString(data.resolve(name), "no picture");
    }
  }

  private Path mendedMeanwhile(String name, int killed, boolean older) throws IOException {
    badHeads();
    Path run = folder.resolve(name);
    RunEvent.Listener kill = killed(killed);
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.Stepped made && made.position().total() == 1) {
            try {
              mend("07.ppm", "20.ppm");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
          kill.on(event);
        };
    if (killed == 0) {
      Millrace.pretrain(settings("meanwhile"), run, listener, () -> false);
    } else {
      assertThatThrownBy(() -> Millrace.pretrain(settings("meanwhile"), run, listener, () -> false))
          .hasMessage("killed");
      if (older) {
        Files.delete(run.resolve("checks/0.late")); // as a version that noted nothing left it
      }
      Millrace.resume(run, event -> {}, () -> false);
    }
    return run;
  }

  private static void requireSame(Path run, Path straight) throws IOException {
    assertThat(losses(run)).isEqualTo(losses(straight));
    assertThat(run.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("encoder.safetensors"));
    assertThat(run.resolve("quarantine.jsonl"))
        .hasSameTextualContentAs(straight.resolve("quarantine.jsonl"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 5, 8})
  void aPictureMendedWhileTheRunGoesOnStaysBadAlsoToARunThatWasKilled(int killed)
      throws IOException {
    requireSame(mendedMeanwhile("killed", killed, false), mendedMeanwhile("straight", 0, false));
  }

  @Test
  void soItDoesToARunThatAnOlderVersionBegan() throws IOException {
    requireSame(mendedMeanwhile("killed", 2, true), mendedMeanwhile("straight", 0, false));
  }

  private static RunEvent.Listener killedAt(Class<? extends RunEvent> kind) {
    return event -> {
      if (kind.isInstance(event)) {
        throw new IllegalStateException("killed");
      }
    };
  }

  /** Its size stays, so that nothing notices before it is read. */
  private void spoil(String name) {
    try {
      byte[] bytes = Files.readAllBytes(data.resolve(name));
      bytes[1] = 'X';
      Files.write(data.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void badHeadsThatAreRemovedCountNoMoreAlsoWhereNoStepMetThem() throws IOException {
    badHeads();
    Path run = folder.resolve("run");
    Settings three = settings("meanwhile").with("max-bad", 0.075);
    assertThatThrownBy(
            () -> Millrace.pretrain(three, run, killedAt(RunEvent.ChunkOpened.class), () -> false))
        .hasMessage("killed");
    for (String name : List.of("07.ppm", "20.ppm", "33.ppm")) {
      Files.delete(data.resolve(name));
    }
    spoil("05.ppm");
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"restart", "wsd branch", "wsd merge"})
  void whatStepsMetIsNotCountedWithWhatTheEndFoundUnlessTheRunWasRefused(String schedule)
      throws IOException {
    badHeads();
    Path run = folder.resolve("run");
    RunEvent.Listener kill = killedAt(RunEvent.ChunkLearned.class);
    RunEvent.Listener listener =
        event -> {
          if (event instanceof RunEvent.Stepped made && made.position().total() == 8) {
            try {
              mend("07.ppm", "20.ppm");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            spoil("05.ppm");
          }
          kill.on(event);
        };
    Settings three = by(schedule, settings("meanwhile").with("max-bad", 0.075));
    assertThatThrownBy(() -> Millrace.pretrain(three, run, listener, () -> false))
        .hasMessage("killed");
    assertThat(bad(run)).containsExactlyInAnyOrder("05.ppm", "07.ppm", "20.ppm", "33.ppm");
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"restart", "wsd branch", "wsd merge"})
  void aChunkThatIsRefusedWhenItIsLearnedHasPublishedNothing(String schedule) throws IOException {
    mend("07.ppm", "20.ppm", "33.ppm");
    RunEvent.Listener afterTheLastStep =
        event -> {
          if (event instanceof RunEvent.Stepped made && made.position().total() == 8) {
            List.of("05.ppm", "06.ppm", "08.ppm").forEach(this::spoil);
          }
        };
    Path run = folder.resolve("run");
    Settings settings = by(schedule, settings("meanwhile").with("max-bad", 0.03));
    assertThatThrownBy(() -> Millrace.pretrain(settings, run, afterTheLastStep, () -> false))
        .hasMessageContaining("cannot be decoded");
    assertThat(run.resolve("chunks/0/encoder.safetensors")).doesNotExist();
    mend("05.ppm", "06.ppm", "08.ppm");
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
    assertThat(run.resolve("chunks/0/encoder.safetensors")).exists();
  }

  private static Settings by(String schedule, Settings settings) {
    String[] words = schedule.split(" ", -1);
    Settings by = settings.with("schedule", words[0]);
    return words.length > 1 ? by.with("publish", words[1]) : by;
  }

  @Test
  void aRefusalThatIsKilledBeforeItKeptTheBadOnesAsksForTheirMendAllTheSame() {
    Path run = folder.resolve("run");
    RunEvent.Listener full =
        event -> {
          if (event instanceof RunEvent.BadMet) {
            try {
              Files.createDirectories(run.resolve("checks/.0.bad.json.partial"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    Settings one = settings("meanwhile").with("max-bad", 0.03);
    assertThatThrownBy(() -> Millrace.pretrain(one, run, full, () -> false))
        .hasStackTraceContaining(".0.bad.json.partial");
    assertThat(run.resolve("checks/0.bad.json")).doesNotExist();
    assertThat(run.resolve("checks/0.refused")).exists();
  }

  private Path refused(String name) {
    Path run = folder.resolve(name);
    assertThatThrownBy(() -> Millrace.pretrain(settings("meanwhile").with("max-bad", 0.03), run))
        .hasMessageContaining("cannot be decoded");
    return run;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void aPictureMendedAfterARefusalIsLearnedAlsoByARunThatWasKilledSince(int killed)
      throws IOException {
    Path without = refused("without");
    Path straight = refused("straight");
    Path run = refused("killed");
    Millrace.resume(without, 0.2, event -> {}, () -> false);
    mend("07.ppm", "20.ppm", "33.ppm");
    Millrace.resume(straight, event -> {}, () -> false);
    assertThatThrownBy(() -> Millrace.resume(run, killed(killed), () -> false))
        .hasMessage("killed");
    Millrace.resume(run, event -> {}, () -> false);
    requireSame(run, straight);
    assertThat(losses(run)).isNotEqualTo(losses(without));
  }

  @Test
  void aRefusedRunWithNothingMendedIsRefusedBeforeAStepAndLooksAgainTheNextTime()
      throws IOException {
    Path run = refused("run");
    assertThatThrownBy(() -> Millrace.resume(run, killed(1), () -> false))
        .hasMessageContaining("3 of the 40 pictures");
    mend("07.ppm", "20.ppm", "33.ppm");
    assertThat(Millrace.resume(run, event -> {}, () -> false).stopped()).isFalse();
  }

  @Test
  void aChunkGoesOnAsItBegan() throws IOException {
    Path late = folder.resolve("late");
    StopAfter stop = new StopAfter(4);
    Millrace.pretrain(settings("meanwhile"), late, stop, stop);
    assertThat(late.resolve("checks/0.late")).exists();

    Files.delete(late.resolve("checks/0.late")); // as a version that noted nothing left it
    Millrace.resume(late, event -> {}, () -> false);
    assertThat(late.resolve("checks/0.late.json")).exists();
    assertThat(late.resolve("checks/0.json")).doesNotExist();
  }
}
