package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SinkhornTest {
  private static final int ROWS = 6;
  private static final int PROTOTYPES = 4;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static float[] scores() {
    float[] values = new float[ROWS * PROTOTYPES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(5, "scores", i).uniform(-1, 1);
    }
    return values;
  }

  private static Tensor tensor(float[] values) {
    return torch.from_blob(new FloatPointer(values), ROWS, PROTOTYPES).clone();
  }

  /** The listing in the paper's appendix A.1, in double precision. */
  private static double[][] listed(float[] scores, double epsilon, int iterations) {
    double[][] q = new double[PROTOTYPES][ROWS];
    double sum = 0;
    for (int b = 0; b < ROWS; b++) {
      for (int k = 0; k < PROTOTYPES; k++) {
        q[k][b] = Math.exp(scores[b * PROTOTYPES + k] / epsilon);
        sum += q[k][b];
      }
    }
    scale(q, sum);
    for (int i = 0; i < iterations; i++) {
      for (int k = 0; k < PROTOTYPES; k++) {
        double row = 0;
        for (int b = 0; b < ROWS; b++) {
          row += q[k][b];
        }
        for (int b = 0; b < ROWS; b++) {
          q[k][b] /= row * PROTOTYPES;
        }
      }
      for (int b = 0; b < ROWS; b++) {
        double column = 0;
        for (int k = 0; k < PROTOTYPES; k++) {
          column += q[k][b];
        }
        for (int k = 0; k < PROTOTYPES; k++) {
          q[k][b] /= column * ROWS;
        }
      }
    }
    scale(q, 1.0 / ROWS);
    return q;
  }

  private static void scale(double[][] q, double by) {
    for (double[] row : q) {
      for (int b = 0; b < row.length; b++) {
        row[b] /= by;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10})
  void assignmentsAreThoseOfThePapersListing(int iterations) {
    try (PointerScope scope = new PointerScope()) {
      Tensor found = Sinkhorn.assignments(tensor(scores()), 0.05, iterations);
      double[][] wanted = listed(scores(), 0.05, iterations);
      for (int b = 0; b < ROWS; b++) {
        for (int k = 0; k < PROTOTYPES; k++) {
          assertThat(found.select(0, b).select(0, k).item_double())
              .isCloseTo(wanted[k][b], within(2e-5));
        }
      }
    }
  }

  @Test
  void everyPrototypeTakesAnEqualPartWhateverTheScores() {
    try (PointerScope scope = new PointerScope()) {
      Tensor one = tensor(scores());
      one.select(1, 2).add_(new Scalar(3.0)); // the favourite of all
      Tensor found = Sinkhorn.assignments(one, 0.5, 200);
      assertThat(found.sum(0).sub(new Scalar((double) ROWS / PROTOTYPES)).abs().max().item_double())
          .isLessThan(1e-3);
      assertThat(found.sum(1).sub(new Scalar(1.0)).abs().max().item_double()).isLessThan(1e-5);
    }
  }

  @Test
  void aVerySmallEpsilonGivesNumbersStill() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(
              Sinkhorn.assignments(tensor(scores()), 1e-4, 3)
                  .sum(1)
                  .sub(new Scalar(1.0))
                  .abs()
                  .max()
                  .item_double())
          .isLessThan(1e-5);
    }
  }

  @Test
  void nonsenseIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(() -> Sinkhorn.assignments(tensor(scores()), 0, 3))
          .hasMessageContaining("an epsilon above 0 such as 0.05");
    }
  }
}
