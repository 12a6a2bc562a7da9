package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.NtXent;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What PNR adds is held to its published equations, written out in numbers. */
class PnrLossTest {
  private static final int N = 5;
  private static final int D = 4;
  private static final double TAU = 0.5;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static List<Tensor> rows() {
    return List.of(torch.randn(N, D), torch.randn(N, D));
  }

  /** All views' rows, one view after the other. */
  private static double[][] numbers(List<Tensor> views) {
    double[][] rows = new double[2 * N][D];
    for (int r = 0; r < 2 * N; r++) {
      for (int d = 0; d < D; d++) {
        rows[r][d] = views.get(r / N).select(0, r % N).select(0, d).item_double();
      }
    }
    return rows;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  private static double squared(double[] a, double[] b) {
    return (dot(a, a) + dot(b, b) - 2 * dot(a, b)) / D;
  }

  private static int otherView(int row) {
    return (row + N) % (2 * N);
  }

  @Test
  void besideSimClrEveryOtherViewsPastIsANegativeOfEmbeddingsAndOfPredictions() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> now = rows();
      List<Tensor> predictions = rows();
      List<Tensor> past = rows();
      double found =
          NtXent.loss(now.get(0), now.get(1), TAU)
              .add(PnrLoss.contrastive(TAU).of(now, predictions, past, 0.7))
              .item_double();
      double[][] z = numbers(now);
      double[][] p = numbers(predictions);
      double[][] then = numbers(past);
      double expected = 0;
      for (int i = 0; i < 2 * N; i++) {
        double ofEmbedding = 0;
        double ofPrediction = 0;
        for (int j = 0; j < 2 * N; j++) {
          if (j != i) {
            ofEmbedding +=
                Math.exp(cosine(z[i], z[j]) / TAU) + Math.exp(cosine(z[i], then[j]) / TAU);
            ofPrediction +=
                Math.exp(cosine(p[i], then[j]) / TAU) + Math.exp(cosine(p[i], z[j]) / TAU);
          }
        }
        expected += Math.log(ofEmbedding) - cosine(z[i], z[otherView(i)]) / TAU;
        expected += 0.7 * (Math.log(ofPrediction) - cosine(p[i], then[i]) / TAU);
      }
      assertThat(found).isCloseTo(expected / (2 * N), within(1e-5));
    }
  }

  @Test
  void besideByolAndVicRegPredictionsComeNearTheirOwnViewsPastAndKeepFromTheOthers() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> predictions = rows();
      List<Tensor> past = rows();
      double[][] p = numbers(predictions);
      double[][] then = numbers(past);
      double byol = 0;
      double vicreg = 0;
      for (int i = 0; i < 2 * N; i++) {
        byol += 2 - 2 * cosine(p[i], then[i]);
        byol -= 0.5 * (2 - 2 * cosine(p[i], then[otherView(i)]));
        vicreg += 25 * squared(p[i], then[i]) - 23 * squared(p[i], then[otherView(i)]);
      }
      assertThat(PnrLoss.predictive(0.5).of(rows(), predictions, past, 1).item_double())
          .isCloseTo(byol / (2 * N), within(1e-5));
      assertThat(PnrLoss.invariant(25, 23).of(rows(), predictions, past, 1).item_double())
          .isCloseTo(vicreg / (2 * N), within(1e-3));
      assertThat(PnrLoss.invariant(1, 0.92).of(rows(), predictions, past, 1).item_double())
          .as("scaled as the method's own loss")
          .isCloseTo(vicreg / (2 * N) / 25, within(1e-4));
    }
  }

  @Test
  void howHardPredictionsKeepFromTheOtherViewsPastDoesNotDependOnTheirOwnWeight() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> p = rows();
      List<Tensor> then = rows();
      List<List<Pnr.Form>> forms =
          List.of(
              List.of(PnrLoss.predictive(0.3), PnrLoss.predictive(0)),
              List.of(PnrLoss.decorrelative(0.005, 0.1, 0.3), PnrLoss.decorrelative(0.005, 0.1, 0)),
              List.of(PnrLoss.invariant(25, 0.3), PnrLoss.invariant(25, 0)));
      for (List<Pnr.Form> form : forms) {
        double whole = form.get(0).of(rows(), p, then, 0.7).item_double();
        double apart = form.get(0).of(rows(), p, then, 0).item_double();
        double near = form.get(1).of(rows(), p, then, 0.7).item_double();
        assertThat(whole).isCloseTo(near + apart, within(1e-4));
      }
      double[][] a = numbers(p);
      double[][] b = numbers(then);
      double other = 0;
      for (int i = 0; i < 2 * N; i++) {
        other += (2 - 2 * cosine(a[i], b[otherView(i)])) / (2 * N);
      }
      assertThat(PnrLoss.predictive(0.3).of(rows(), p, then, 0).item_double())
          .isCloseTo(-0.3 * other, within(1e-5));
    }
  }

  @Test
  void aRunFromBeforeThatWeightWasASettingGoesOnAndAtWeightOneIsTheSameToTheBit() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> p = rows();
      List<Tensor> then = rows();
      Tensor own = distance(p.get(0), then.get(0)).add(distance(p.get(1), then.get(1)));
      Tensor other = distance(p.get(0), then.get(1)).add(distance(p.get(1), then.get(0)));
      Tensor before = own.sub(other.mul(new Scalar(0.5))).mul(new Scalar(0.7 / 2));
      assertThat(PnrLoss.predictive(Double.NaN).of(rows(), p, then, 0.7).item_double())
          .isEqualTo(before.item_double());
      List<List<Pnr.Form>> alike =
          List.of(
              List.of(PnrLoss.predictive(Double.NaN), PnrLoss.predictive(0.5)),
              List.of(
                  PnrLoss.decorrelative(0.005, 0.01, Double.NaN),
                  PnrLoss.decorrelative(0.005, 0.01, PnrLoss.OF_SCALE * 0.01)),
              List.of(
                  PnrLoss.invariant(1, Double.NaN), PnrLoss.invariant(1, PnrLoss.OF_INVARIANCE)),
              List.of(
                  PnrLoss.invariant(0.3, Double.NaN),
                  PnrLoss.invariant(0.3, PnrLoss.OF_INVARIANCE * 0.3)));
      for (List<Pnr.Form> forms : alike) {
        assertThat(forms.get(1).of(rows(), p, then, 1).item_double())
            .isEqualTo(forms.get(0).of(rows(), p, then, 1).item_double());
      }
    }
  }

  private static Tensor distance(Tensor p, Tensor then) {
    return NegativeCosine.loss(p, then);
  }

  @Test
  void besideVicRegTheInvarianceIsMultipliedInTheOrderInWhichRunsBegan() {
    try (PointerScope scope = new PointerScope()) {
      for (int draw = 0; draw < 20; draw++) {
        List<Tensor> p = rows();
        List<Tensor> then = rows();
        Tensor own = squared(p.get(0), then.get(0)).add(squared(p.get(1), then.get(1)));
        Tensor other = squared(p.get(0), then.get(1)).add(squared(p.get(1), then.get(0)));
        Tensor expected = own.sub(other.mul(new Scalar(23.0 / 25))).mul(new Scalar(0.7 / 2));
        assertThat(PnrLoss.invariant(0.3, Double.NaN).of(rows(), p, then, 0.7).item_double())
            .isEqualTo(expected.item_double());
      }
    }
  }

  private static Tensor squared(Tensor p, Tensor then) {
    return p.sub(then).square().mean().mul(new Scalar(0.3));
  }

  /** Columns of mean 0 and variance 1 over one view's rows. */
  private static double[][] standardised(double[][] rows, int view) {
    double[][] made = new double[N][D];
    for (int d = 0; d < D; d++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < N; i++) {
        mean += rows[view * N + i][d] / N;
        square += rows[view * N + i][d] * rows[view * N + i][d] / N;
      }
      for (int i = 0; i < N; i++) {
        made[i][d] = (rows[view * N + i][d] - mean) / Math.sqrt(square - mean * mean + 1e-5);
      }
    }
    return made;
  }

  @Test
  void besideBarlowTwinsPredictionsCorrelateWithTheirOwnViewsPastAndKeepFromTheOthers() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> predictions = rows();
      List<Tensor> past = rows();
      double[][] p = numbers(predictions);
      double[][] then = numbers(past);
      double expected = 0;
      for (int view = 0; view < 2; view++) {
        double[][] a = standardised(p, view);
        double[][] b = standardised(then, view);
        for (int d = 0; d < D; d++) {
          for (int e = 0; e < D; e++) {
            double correlation = 0;
            for (int i = 0; i < N; i++) {
              correlation += a[i][d] * b[i][e] / N;
            }
            expected +=
                0.1
                    * (d == e
                        ? (1 - correlation) * (1 - correlation)
                        : 0.005 * correlation * correlation)
                    / 2;
          }
        }
      }
      for (int i = 0; i < 2 * N; i++) {
        expected += cosine(p[i], then[otherView(i)]) / (2 * N); // μ is 1 at this scale
      }
      Pnr.Form form = PnrLoss.decorrelative(0.005, 0.1, 1);
      assertThat(form.of(rows(), predictions, past, 1).item_double())
          .isCloseTo(expected, within(1e-4));
    }
  }
}
