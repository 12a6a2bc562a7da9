package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinearProbeTest {
  private static final LinearProbe.Settings PAPER = LinearProbe.Settings.paper();
  private static final LinearProbe.Settings TIGHT =
      new LinearProbe.Settings(45, -6, 5, 3e-6, 2000, 10, 0.2, false, 0);

  @BeforeAll
  static void natives() {
    Loader.load(torch.class);
  }

  @Test
  void lossAndCoefficientsAgreeWithScikitLearn() throws Exception {
    Golden golden = Golden.read();
    for (var expected : golden.root().get("logistic")) {
      double[] lambda = {expected.get("lambda").asDouble()};
      LinearModel model = LinearProbe.sweep(golden.train(), lambda, TIGHT)[0];
      assertThat(model.loss()).isCloseTo(expected.get("loss").asDouble(), within(1e-4));
      assertThat(model.accuracy(golden.test()).top1())
          .isCloseTo(expected.get("accuracy").asDouble(), within(1e-9));
      for (int c = 0; c < 4; c++) {
        for (int j = 0; j < model.d(); j++) {
          assertThat(model.weights()[c * model.d() + j])
              .isCloseTo((float) expected.get("weights").get(c).get(j).asDouble(), within(1e-3f));
        }
        assertThat(model.bias()[c])
            .isCloseTo((float) expected.get("bias").get(c).asDouble(), within(1e-3f));
      }
    }
  }

  @Test
  void separableClassesAreToldApart() {
    FeatureMatrix train = blobs(200, 8, 3, 0.1, 1);
    LinearModel model = LinearProbe.fit(train, PAPER);
    assertThat(model.accuracy(blobs(100, 8, 3, 0.1, 2)).top1()).isEqualTo(100);
  }

  @Test
  void theWholeSweepIsSolvedAndALargerRegulariserGivesSmallerWeights() throws Exception {
    LinearModel[] models = LinearProbe.sweep(Golden.read().train(), PAPER.lambdas(), PAPER);
    assertThat(models).hasSize(45);
    for (int i = 0; i < models.length; i++) {
      assertThat(models[i].residual()).isLessThanOrEqualTo(PAPER.tolerance());
      if (i > 0) {
        assertThat(models[i].norm()).isLessThanOrEqualTo(models[i - 1].norm() * 1.01 + 1e-6);
      }
    }
  }

  @Test
  void solvingTogetherEqualsSolvingAlone() throws Exception {
    FeatureMatrix train = Golden.read().train();
    double[] lambdas = {1e-3, 1e-2, 1e-1, 1, 10};
    LinearModel[] together = LinearProbe.sweep(train, lambdas, TIGHT);
    for (int i = 0; i < lambdas.length; i++) {
      LinearModel alone = LinearProbe.sweep(train, new double[] {lambdas[i]}, TIGHT)[0];
      assertThat(together[i].loss()).isCloseTo(alone.loss(), within(1e-6));
      assertThat(together[i].weights()).containsExactly(alone.weights(), within(5e-3f));
    }
  }

  @Test
  void theSameSeedGivesTheSameModel() throws Exception {
    FeatureMatrix train = Golden.read().train();
    assertThat(LinearProbe.fit(train, PAPER).weights())
        .containsExactly(LinearProbe.fit(train, PAPER).weights());
  }

  @Test
  void lambdasSpanTheRange() {
    assertThat(PAPER.lambdas()).hasSize(45).startsWith(1e-6).endsWith(1e5);
  }

  @Test
  void theRegulariserIsPickedByTheMetricAskedFor() {
    FeatureMatrix train = lopsided(120, 1);
    FeatureMatrix validation = lopsided(120, 2);
    LinearModel[] models = LinearProbe.sweep(train, PAPER.lambdas(), PAPER);
    double top1 = -1;
    double mean = -1;
    int byTop1 = 0;
    int byMean = 0;
    for (int i = 0; i < models.length; i++) {
      Accuracy accuracy = models[i].accuracy(validation);
      byTop1 = accuracy.top1() >= top1 ? i : byTop1;
      byMean = accuracy.meanPerClass() >= mean ? i : byMean;
      top1 = Math.max(top1, accuracy.top1());
      mean = Math.max(mean, accuracy.meanPerClass());
    }
    assertThat(byTop1).isNotEqualTo(byMean);
    double[] lambdas = PAPER.lambdas();
    assertThat(LinearProbe.fit(train, validation, PAPER).lambda()).isEqualTo(lambdas[byTop1]);
    assertThat(LinearProbe.fit(train, validation, PAPER.withByClass(true)).lambda())
        .isEqualTo(lambdas[byMean]);
  }

  @Test
  void theGradientVanishesAlongEveryColumnAlsoOfCorrelatedOnesAndWithFewerRows() {
    for (int n : new int[] {20, 200}) {
      // 40 columns on very different scales, mixed: far from what plain descent likes.
      FeatureMatrix blobs = blobs(n, 40, 3, 1, 3);
      float[] values = new float[n * 40];
      for (int i = 0; i < n; i++) {
        double mixed = 5;
        for (int j = 0; j < 40; j++) {
          mixed = 0.8 * mixed + blobs.values()[i * 40 + j] / (1 + j);
          values[i * 40 + j] = (float) mixed;
        }
      }
      FeatureMatrix train = new FeatureMatrix(values, n, 40, blobs.labels());
      for (LinearModel model : LinearProbe.sweep(train, PAPER.lambdas(), PAPER)) {
        assertThat(steepest(train, model)).isLessThan(1.5 * PAPER.tolerance());
      }
    }
  }

  /** ‖∇‖∞ of the objective by its definition, in double. */
  private static double steepest(FeatureMatrix train, LinearModel model) {
    int d = train.d();
    int classes = model.bias().length;
    double[] gradient = new double[classes * (d + 1)];
    for (int i = 0; i < train.n(); i++) {
      double[] p = new double[classes];
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        double z = model.bias()[c];
        for (int j = 0; j < d; j++) {
          z += (double) model.weights()[c * d + j] * train.values()[i * d + j];
        }
        p[c] = Math.exp(z);
        sum += p[c];
      }
      for (int c = 0; c < classes; c++) {
        double error = (p[c] / sum - (train.labels()[i] == c ? 1 : 0)) / train.n();
        gradient[classes * d + c] += error;
        for (int j = 0; j < d; j++) {
          // Along centred columns, as the solver counts: what the bias takes up is left out.
          gradient[c * d + j] += error * train.values()[i * d + j];
        }
      }
    }
    double largest = 0;
    for (int c = 0; c < classes; c++) {
      for (int j = 0; j < d; j++) {
        double mean = 0;
        for (int i = 0; i < train.n(); i++) {
          mean += train.values()[i * d + j] / (double) train.n();
        }
        double g =
            gradient[c * d + j]
                - mean * gradient[classes * d + c]
                + model.lambda() * model.weights()[c * d + j];
        largest = Math.max(largest, Math.abs(g));
      }
      largest = Math.max(largest, Math.abs(gradient[classes * d + c]));
    }
    return largest;
  }

  @Test
  void aPartOfEveryClassIsHeldOutAndNothingIsLost() {
    FeatureMatrix train = blobs(103, 4, 3, 1, 4);
    LinearProbe.Parts parts = LinearProbe.parts(train, PAPER);
    assertThat(parts.train().n() + parts.validation().n()).isEqualTo(103);
    assertThat(parts.validation().counts(3)).containsExactly(7, 7, 7);
    assertThat(LinearProbe.parts(train, PAPER.withSeed(1)).validation().values())
        .isNotEqualTo(parts.validation().values());
  }

  @Test
  void relabellingLeavesOutWhatGetsNoNumber() {
    FeatureMatrix some = new FeatureMatrix(new float[] {1, 2, 3, 4}, 4, 1, new int[] {0, 1, 2, 1});
    FeatureMatrix other = some.relabelled(new int[] {-1, 0, 5});
    assertThat(other.values()).containsExactly(2, 3, 4);
    assertThat(other.labels()).containsExactly(0, 5, 0);
    assertThat(some.counts(4)).containsExactly(1, 2, 1, 0);
  }

  /** One class in eight rows, barely apart from the other. */
  private static FeatureMatrix lopsided(int n, long seed) {
    float[] values = new float[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 8 == 0 ? 1 : 0;
      for (int j = 0; j < 2; j++) {
        values[2 * i + j] = (float) (labels[i] * 1.2 + Draw.of(seed, "noise", i, j).gaussian());
      }
    }
    return new FeatureMatrix(values, n, 2, labels);
  }

  @Test
  void missingClassesAreNamed() {
    var gap = new FeatureMatrix(new float[4], 4, 1, new int[] {0, 2, 0, 2});
    assertThatThrownBy(() -> LinearProbe.fit(gap, PAPER)).hasMessageContaining("class 1");
    var one = new FeatureMatrix(new float[4], 4, 1, new int[4]);
    assertThatThrownBy(() -> LinearProbe.fit(one, PAPER)).hasMessageContaining("2 or more");
    FeatureMatrix train = blobs(20, 2, 2, 1, 1);
    assertThatThrownBy(() -> LinearProbe.fit(train, blobs(30, 2, 3, 1, 1), PAPER))
        .hasMessageContaining("class 2 in validation");
  }

  @Test
  void nativeMemoryStaysFlat() throws Exception {
    FeatureMatrix train = Golden.read().train();
    LinearProbe.sweep(train, new double[] {0.1, 1}, PAPER);
    long before = Pointer.totalCount();
    LinearProbe.sweep(train, new double[] {0.1, 1}, PAPER);
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  /** Classes in turn, around corners of a cube three apart. */
  static FeatureMatrix blobs(int n, int d, int classes, double spread, long seed) {
    float[] values = new float[n * d];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < d; j++) {
        double centre = 3 * Draw.of(0, "centre", labels[i], j).gaussian();
        values[i * d + j] = (float) (centre + spread * Draw.of(seed, "noise", i, j).gaussian());
      }
    }
    return new FeatureMatrix(values, n, d, labels);
  }
}
