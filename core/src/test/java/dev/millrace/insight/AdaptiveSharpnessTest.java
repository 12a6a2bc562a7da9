package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On quadratics whose answers are known: two filters of two weights each, and a bias. */
class AdaptiveSharpnessTest {
  private static final Draw DRAW = Draw.of(5, "adaptive sharpness test");
  private static final float[] POINT = {3, 4, 0, 2, 7};
  private static final float[] CURVATURE = {1, 2, 4, 8, 100};
  private static final Parameters.Layout LAYOUT =
      Parameters.Layout.builder().add("weight", 2, 2).add("bias", 1).build();

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static AdaptiveSharpness of(Quadratic bowl, double noise, double rho, long moved) {
    return new AdaptiveSharpness(
        bowl.surface, LAYOUT, moved, new AdaptiveSharpness.Settings(noise, 400, rho, 8, 40, 0, 50));
  }

  /** f(x) of the diagonal quadratic. */
  private static double base() {
    double sum = 50;
    for (int i = 0; i < POINT.length; i++) {
      sum += 0.5 * CURVATURE[i] * POINT[i] * POINT[i];
    }
    return sum;
  }

  @Test
  void noiseCostsHalfItsSquareTimesEachFiltersNormAndMeanCurvature() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(CURVATURE, 50, POINT)) {
      AdaptiveSharpness.Mean found = of(bowl, 0.1, 0.1, 5).noise(DRAW);
      // E ½ yᵀHy with y uniform on circles of radius σ‖w‖: ½σ²‖w‖² · mean curvature of the filter.
      double expected = 100 * 0.5 * 0.01 * (25 * 1.5 + 4 * 6) / base();
      assertThat(found.value()).isCloseTo(expected, within(4 * found.standardError() + 1e-4));
      assertThat(found.standardError()).isLessThan(0.05 * expected);
      assertThat(bowl.point()).isEqualTo(POINT);
    }
  }

  @Test
  void theBoxIsRelativeToEachWeightAndAWeightOfZeroAndABiasStay() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(CURVATURE, 50, POINT)) {
      double most = 50 + 0.5 * 100 * 49;
      for (int i = 0; i < 4; i++) {
        most += 0.5 * CURVATURE[i] * Math.pow(1.1 * POINT[i], 2);
      }
      assertThat(of(bowl, 0.1, 0.1, 5).box(DRAW))
          .isCloseTo(100 * (most - base()) / base(), within(1e-3));
      assertThat(bowl.point()).isEqualTo(POINT);
    }
  }

  @Test
  void theHessianIsTakenWhereEachFilterHasTheNormOne() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(CURVATURE, 50, POINT)) {
      // Filters of norms 5 and 2: D·H·D is diagonal with 25, 50, 16, 32; the bias stays.
      assertThat(of(bowl, 0.1, 0.1, 5).largestEigenvalue(DRAW).value() * base())
          .isCloseTo(50, within(0.1));
      AdaptiveSharpness.Mean trace = of(bowl, 0.1, 0.1, 5).trace(DRAW);
      assertThat(trace.value() * base()).isCloseTo(123, within(0.5));
      assertThat(bowl.point()).isEqualTo(POINT);
    }
  }

  @Test
  void onlyTheFirstWeightsAreMovedWhereSoIsAsked() {
    try (PointerScope scope = new PointerScope();
        Quadratic bowl = Quadratic.diagonal(CURVATURE, 50, POINT)) {
      AdaptiveSharpness none = of(bowl, 0.1, 0.1, 3);
      assertThat(none.noise(DRAW).value()).isZero();
      assertThat(none.box(DRAW)).isZero();
      assertThat(none.trace(DRAW).value()).isZero();
      assertThat(none.largestEigenvalue(DRAW).value()).isZero();
    }
  }

  @Test
  void settingsOutsideTheirRangesAreRefusedByTheirFlag() {
    assertThatThrownBy(() -> new AdaptiveSharpness.Settings(0, 2, 1, 1, 1, 0, 2))
        .hasMessageContaining("--noise 0.0");
    assertThatThrownBy(() -> new AdaptiveSharpness.Settings(1, 1, 1, 1, 1, 0, 2))
        .hasMessageContaining("--noise-pairs 1");
    assertThatThrownBy(() -> new AdaptiveSharpness.Settings(1, 2, 0, 1, 1, 0, 2))
        .hasMessageContaining("--rho 0.0");
    assertThatThrownBy(() -> new AdaptiveSharpness.Settings(1, 2, 1, 1, 1, 0, 1))
        .hasMessageContaining("--draws 1");
  }
}
