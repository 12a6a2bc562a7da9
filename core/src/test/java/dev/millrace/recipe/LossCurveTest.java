package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.run.RunEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossCurveTest {
  @TempDir private Path folder;

  private double added;

  /** From the second chunk on the queues of both models, for queries and for predictions. */
  @Test
  void guessingBesidePnrIsThatOfBothQueues() throws Exception {
    Settings settings =
        Settings.defaults("generated:images=64;classes=4")
            .with(
                Map.of(
                    "stream", "class", "chunks", 2, "width", 4, "size", 16, "epochs", 4, "batch",
                    16, "threads", 1, "queue", 32, "pnr", 0.5))
            .with("momentum", 0.9);
    List<LossCurve> curves = LossCurve.of(Millrace.pretrain(settings, folder.resolve("pnr")).run());
    assertThat(curves.get(0).guessing()).isCloseTo(Math.log(33), within(1e-12));
    assertThat(curves.get(1).guessing()).isCloseTo(1.5 * Math.log(65), within(1e-12));
    assertThat(curves.get(1).epochs().get(3))
        .as("above what was taken for guessing, and below what is")
        .isBetween(Math.log(33), curves.get(1).guessing() * 1.1);
  }

  @Test
  void aCurveIsTheMeanOfTheMethodsOwnLossInEachEpochBesideThatOfGuessing() throws Exception {
    Settings settings =
        Settings.defaults("generated:images=64;classes=4")
            .with(
                Map.of(
                    "stream",
                    "class",
                    "chunks",
                    2,
                    "method",
                    "supervised",
                    "width",
                    4,
                    "size",
                    16,
                    "epochs",
                    2,
                    "batch",
                    16,
                    "threads",
                    1,
                    "seed",
                    1,
                    "pfr",
                    1));
    Map<String, double[]> sums = new TreeMap<>();
    Path run = folder.resolve("run");
    Millrace.pretrain(
        settings,
        run,
        event -> {
          if (event instanceof RunEvent.Stepped step) {
            double[] sum =
                sums.computeIfAbsent(step.chunk() + " " + step.epoch(), key -> new double[2]);
            sum[0] += step.ofMethod();
            added += step.loss() - step.ofMethod();
            sum[1]++;
          }
        },
        () -> false);
    assertThat(added).as("by the remedy").isPositive();
    List<LossCurve> curves = LossCurve.of(run);
    assertThat(curves).hasSize(2);
    for (LossCurve curve : curves) {
      assertThat(curve.guessing()).isCloseTo(Math.log(2), within(1e-12));
      assertThat(curve.epochs()).hasSize(2);
      for (int e = 0; e < 2; e++) {
        double[] sum = sums.get(curve.chunk() + " " + e);
        assertThat(curve.epochs().get(e)).isCloseTo(sum[0] / sum[1], within(1e-6));
      }
    }
    assertThat(Settings.ofRun(run).stream().orderSeed()).isEqualTo(1L);
  }
}
