package dev.millrace.ranks;

import static dev.millrace.ranks.ThreadRanks.losses;
import static dev.millrace.ranks.ThreadRanks.pretrain;
import static dev.millrace.ranks.ThreadRanks.resume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks of which each meets bad pictures in its part of a batch. */
class BadPicturesOfRanksTest {
  private static final int PICTURES = 300;
  private static final byte[] HEAD = "P6 20 20 255\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir static Path data;
  @TempDir Path folder;

  private static byte[] bytes(int i, boolean cut) {
    byte[] bytes = Arrays.copyOf(HEAD, cut ? 700 : HEAD.length + 3 * 20 * 20);
    for (int at = HEAD.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3));
    }
    return bytes;
  }

  private static Path file(int i) {
    return data.resolve("%03d.ppm".formatted(i));
  }

  private static boolean cut(int i) {
    return i % 13 == 7;
  }

  @BeforeAll
  static void pictures() throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      Files.write(file(i), bytes(i, cut(i)));
    }
  }

  private static Settings settings(String check) {
    return Settings.defaults(data.toString())
        .with(Map.of("width", 4, "size", 8, "epochs", 2, "batch", 24, "queue", 48, "threads", 1))
        .with(Map.of("max-bad", 0.2, "check", check, "checkpoint-steps", 3, "lr", 1e-4))
        .with(Map.of("stream", "instance", "chunks", 2, "replay", 0.3, "precision", "fp32"));
  }

  private static void assertAlike(List<Double> one, List<Double> other) {
    assertThat(one).hasSameSizeAs(other);
    for (int i = 0; i < one.size(); i++) {
      assertThat(one.get(i)).isCloseTo(other.get(i), Offset.offset(1e-4));
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 0", "3, 0", "2, 40"})
  void ranksThatMeetThemEqualOneProcessAndNameTheSame(int ranks, int buffer) throws Exception {
    Settings settings = settings("meanwhile").with("shuffle-buffer", buffer);
    List<Double> alone = new ArrayList<>();
    Path one = folder.resolve("one");
    Millrace.pretrain(settings.with("norm-parts", ranks), one, losses(alone), () -> false);
    List<Double> shared = new ArrayList<>();
    Path many = folder.resolve("many");
    pretrain(settings, ranks, many, losses(shared), () -> false);
    assertAlike(shared, alone);
    assertThat(many.resolve("quarantine.jsonl"))
        .hasSameTextualContentAs(one.resolve("quarantine.jsonl"));
    assertThat(Files.readAllLines(many.resolve("quarantine.jsonl"))).hasSize(23);
    assertThat(many.resolve("checks/1.late.json"))
        .hasSameTextualContentAs(one.resolve("checks/1.late.json"));
  }

  @Test
  void stoppedAtAnyStepAndResumedTheyEndWithTheSameBytes() throws Exception {
    Settings settings = settings("meanwhile");
    Path straight = folder.resolve("straight");
    Millrace.Outcome whole = pretrain(settings, 2, straight, event -> {}, () -> false);
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome = pretrain(settings, 2, run, stop, stop);
    while (outcome.stopped()) {
      outcome = resume(run, 2, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(run.resolve("quarantine.jsonl"))
        .hasSameTextualContentAs(straight.resolve("quarantine.jsonl"));
  }

  @Test
  void aPictureThatOneRankMetAndThatIsMendedStaysBadForAllToTheChunksEnd() throws Exception {
    Settings settings = settings("meanwhile").with(Map.of("chunks", 1, "replay", 0));
    Path straight = folder.resolve("straight");
    Millrace.Outcome whole = pretrain(settings, 2, straight, event -> {}, () -> false);
    Path run = folder.resolve("run");
    try {
      RunEvent.Listener mends =
          event -> {
            if (event instanceof RunEvent.Stepped step && step.position().total() == 12) {
              mend(run);
            }
          };
      assertThat(pretrain(settings, 2, run, mends, () -> false).encoderSha256())
          .isEqualTo(whole.encoderSha256());
    } finally {
      pictures();
    }
  }

  /** Mends those that were met. */
  private static void mend(Path run) {
    try {
      List<String> met = Files.readAllLines(run.resolve("quarantine.jsonl"));
      assertThat(met).hasSizeGreaterThan(15);
      for (String line : met) {
        int i = Integer.parseInt(line.replaceAll(".*\"id\":\"(\\d+)\\.ppm.*", "$1"));
        Files.write(file(i), bytes(i, false));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aChunkThatOneProcessBeganUncheckedGoesOnWithRanks() throws Exception {
    Settings settings = settings("meanwhile").with("norm-parts", 2);
    List<Double> straight = new ArrayList<>();
    Millrace.pretrain(settings, folder.resolve("straight"), losses(straight), () -> false);
    List<Double> losses = new ArrayList<>();
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(4);
    RunEvent.Listener both =
        event -> {
          stop.on(event);
          losses(losses).on(event);
        };
    Millrace.pretrain(settings, run, both, stop);
    stop.again();
    assertThat(resume(run, 2, both, stop).stopped()).isTrue();
    resume(run, 1, losses(losses), () -> false);
    assertAlike(losses, straight);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aCheckBeforeTheFirstStepIsSharedOutAndFindsTheSame(int ranks) throws Exception {
    Settings settings = settings("before").with("epochs", 1);
    Path one = folder.resolve("one");
    Millrace.pretrain(settings, one);
    Path many = folder.resolve("many");
    pretrain(settings, ranks, many, event -> {}, () -> false);
    for (String file : List.of("checks/0.json", "checks/0.bad.json", "quarantine.jsonl")) {
      assertThat(many.resolve(file)).hasSameTextualContentAs(one.resolve(file));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"before", "meanwhile"})
  void tooManyAreRefusedByName(String check) {
    assertThatThrownBy(
            () ->
                pretrain(
                    settings(check).with("max-bad", 0.03),
                    2,
                    folder.resolve("run"),
                    event -> {},
                    () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".ppm")
        .hasMessageContaining("--max-bad");
  }

  @ParameterizedTest
  @ValueSource(strings = {"before", "meanwhile"})
  void aStopThatTheFirstRankAloneHearsOfEndsTheCheckInAll(String check) throws Exception {
    Settings settings = settings(check);
    Path straight = folder.resolve("straight");
    Millrace.Outcome whole = pretrain(settings, 2, straight, event -> {}, () -> false);
    Path run = folder.resolve("run");
    AtomicBoolean stop = new AtomicBoolean();
    // Before its first step a chunk is checked; one that was not, when its last step is made.
    RunEvent.Listener stops =
        event -> {
          boolean first = event instanceof RunEvent.ChunkLearned;
          boolean last =
              event instanceof RunEvent.Stepped step
                  && step.position().total() == 12
                  && check.equals("meanwhile");
          if (first || last) {
            stop.set(true);
          }
        };
    assertThat(pretrain(settings, 2, run, stops, stop::get).stopped()).isTrue();
    assertThat(resume(run, 2, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }
}
