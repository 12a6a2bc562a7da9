package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.Sampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Epochs of a given length: chunks of all sizes have equal steps. */
class EqualStepsTest {
  private static final String LARGE = "generated:images=160;test=8;classes=4;size=16;seed=2";

  @TempDir Path folder;

  private static Settings equal() {
    return tiny(set(1), LARGE)
        .with(Map.of("stream", "given", "epoch-images", 96, "replay-draw", "half"));
  }

  @Test
  void chunksOfTwoSizesHaveTheSameSteps() throws IOException {
    int[] steps = new int[2];
    Millrace.Outcome outcome =
        Millrace.pretrain(
            equal(),
            folder.resolve("run"),
            event -> {
              if (event instanceof RunEvent.ChunkOpened opened) {
                steps[opened.chunk().index()] = opened.epochs() * opened.stepsPerEpoch();
              }
            },
            () -> false);
    assertThat(steps).containsExactly(6, 6);
    assertThat(outcome.imagePasses()).isEqualTo(2 * 6 * 32);
  }

  @Test
  void stoppedInAnyEpochAndResumedItEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(equal(), folder.resolve("whole"));
    Path run = folder.resolve("stopped");
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome = Millrace.pretrain(equal(), run, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(run, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
    assertThat(stop.all()).isEqualTo(12);
  }

  @Test
  void aChunkThatComesLaterHasTheStepsThatItHadFromTheStart() throws IOException {
    Path run = folder.resolve("grown");
    Millrace.pretrain(equal().with("data", List.of(set(1))), run);
    Millrace.Outcome grown = Millrace.extend(run, LARGE, event -> {}, () -> false);
    assertThat(grown.encoderSha256())
        .isEqualTo(Millrace.pretrain(equal(), folder.resolve("whole")).encoderSha256());
  }

  @Test
  void noPictureIsDrawnASecondTimeBeforeAllWereDrawnOnce() {
    Plan plan = new Plan(1, 3, 4, 0.1, 0, Sampler.Mix.BALANCED, 0, 100, 1e9, 1, 1, 0);
    DrawOrder order = new DrawOrder(plan, 0, 12, new int[0], 4, null);
    for (int pass = 0; pass < 5; pass++) {
      int first = 3 * pass;
      assertThat(
              IntStream.range(first, first + 3)
                  .mapToObj(step -> order.batch(step, 0, 4))
                  .flatMapToInt(Arrays::stream)
                  .toArray())
          .containsExactlyInAnyOrder(IntStream.range(0, 12).toArray());
    }
    assertThat(order.batch(4, 1, 2))
        .containsExactly(Arrays.copyOfRange(order.batch(4, 0, 4), 1, 3));
  }
}
