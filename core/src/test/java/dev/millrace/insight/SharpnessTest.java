package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On quadratics whose answers are known. */
class SharpnessTest {
  private static final Draw DRAW = Draw.of(3, "sharpness test");

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Sharpness.Settings with(double epsilon, int ascent, int iterations, int draws) {
    return new Sharpness.Settings(epsilon, ascent, iterations, 0, draws);
  }

  @Test
  void theLargestLossInTheBoxIsAtItsCorner() {
    float[] h = {4, 1, 0.5f};
    float[] point = {0, 0, 0};
    double epsilon = 0.1;
    for (int ascent : new int[] {1, 2, 5}) {
      try (PointerScope scope = new PointerScope();
          Quadratic bowl = Quadratic.diagonal(h, 3, point)) {
        // One step of two box widths reaches every corner as well.
        double most = 0.5 * epsilon * epsilon * (4 + 1 + 0.5);
        assertThat(Sharpness.keskar(bowl.surface, with(epsilon, ascent, 1, 2), DRAW))
            .isCloseTo(100 * most / (1 + 3), within(1e-4));
        assertThat(bowl.point()).isEqualTo(point);
      }
    }
  }

  @Test
  void theBoxGrowsWithTheWeights() {
    // Far out on a slope the most is at the outer end: ½h((|x| + ε(|x| + 1))² − x²).
    float x = 2;
    double far = x + 0.01 * (x + 1);
    double base = 0.5 * x * x;
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(new float[] {1}, 0, x)) {
      assertThat(Sharpness.keskar(bowl.surface, with(0.01, 4, 1, 2), DRAW))
          .isCloseTo(100 * (0.5 * far * far - base) / (1 + base), within(1e-3));
    }
  }

  @Test
  void ofALossBelowNoneKeskarsMeasureSaysNothing() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(new float[] {2, 2}, -10, 0, 0)) {
      assertThat(Sharpness.keskar(bowl.surface, with(0.1, 2, 1, 2), DRAW)).isNaN();
    }
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(new float[] {2, 2}, 0, 0, 0)) {
      assertThat(Sharpness.keskar(bowl.surface, with(0.1, 2, 1, 2), DRAW)).isPositive();
    }
  }

  @Test
  void thePowerMethodFindsTheLargestEigenvalueOfAFullMatrix() {
    // Eigenvalues 3 and 1, with another −2 beside them.
    float[] h = {2, 1, 0, 1, 2, 0, 0, 0, -2};
    try (PointerScope scope = new PointerScope();
        Quadratic saddle = new Quadratic(h, 0, 1, 2, 3)) {
      Sharpness.Eigenvalue found =
          Sharpness.largestEigenvalue(saddle.surface, with(0.1, 1, 60, 2), DRAW);
      assertThat(found.value()).isCloseTo(3, within(1e-4));
      assertThat(found.iterations()).isEqualTo(60);
      assertThat(saddle.point()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aLargeNegativeEigenvalueIsNotTakenForTheLargest() {
    try (PointerScope scope = new PointerScope();
        Quadratic saddle = Quadratic.diagonal(new float[] {-9, 2, 1}, 0, 0, 0, 0)) {
      assertThat(Sharpness.largestEigenvalue(saddle.surface, with(0.1, 1, 200, 2), DRAW).value())
          .isCloseTo(2, within(1e-3));
    }
  }

  @Test
  void thePowerMethodStopsWhenTheValueHasSettled() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(new float[] {100, 1, 1}, 0, 0, 0, 0)) {
      Sharpness.Eigenvalue found =
          Sharpness.largestEigenvalue(
              bowl.surface, new Sharpness.Settings(0.1, 1, 50, 1e-3, 2), DRAW);
      assertThat(found.iterations()).isLessThan(8);
      assertThat(found.value()).isCloseTo(100, within(0.1));
    }
  }

  @Test
  void signsGiveTheTraceOfADiagonalExactlyAndThatOfOthersWithinItsError() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(new float[] {4, -1, 0.5f}, 0, 1, 1, 1);
        Quadratic full = new Quadratic(new float[] {2, 1, 1, 3}, 0, 0, 0)) {
      Sharpness.Trace exact = Sharpness.trace(bowl.surface, with(0.1, 1, 1, 4), DRAW);
      assertThat(exact.value()).isCloseTo(3.5, within(1e-5));
      assertThat(exact.standardError()).isCloseTo(0, within(1e-3));
      // zᵀHz is 5 ± 2, each half of the time: a standard deviation of 2.
      Sharpness.Trace estimate = Sharpness.trace(full.surface, with(0.1, 1, 1, 400), DRAW);
      assertThat(estimate.standardError()).isCloseTo(0.1, within(0.005));
      assertThat(estimate.value()).isCloseTo(5, within(4 * estimate.standardError()));
    }
  }

  @Test
  void theHessiansProductIsThatOfTheMatrix() {
    try (PointerScope scope = new PointerScope();
        Quadratic saddle = new Quadratic(new float[] {2, 1, 1, -3}, 0, 5, 7)) {
      Tensor v = torch.ones(2);
      Tensor product = torch.zeros(2);
      saddle.surface.curvature(v, product);
      assertThat(product.select(0, 0).item_float()).isEqualTo(3);
      assertThat(product.select(0, 1).item_float()).isEqualTo(-2);
      Tensor gradient = torch.zeros(2);
      double loss = saddle.surface.gradient(gradient);
      assertThat(loss).isEqualTo(saddle.surface.loss()).isEqualTo(0.5 * (50 + 70 - 147));
      assertThat(gradient.select(0, 0).item_float()).isEqualTo(17);
      assertThat(gradient.select(0, 1).item_float()).isEqualTo(-16);
    }
  }

  @Test
  void settingsOutsideTheirRangesAreRefusedByTheirFlag() {
    assertThatThrownBy(() -> with(0, 1, 1, 2)).hasMessageContaining("--epsilon 0.0");
    assertThatThrownBy(() -> with(1, 0, 1, 2)).hasMessageContaining("--ascent-steps 0");
    assertThatThrownBy(() -> with(1, 1, 0, 2)).hasMessageContaining("--steps 0");
    assertThatThrownBy(() -> with(1, 1, 1, 1)).hasMessageContaining("--draws 1");
  }
}
