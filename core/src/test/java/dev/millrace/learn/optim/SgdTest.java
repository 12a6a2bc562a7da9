package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SgdTest {
  private static final Parameters.Layout LAYOUT = Parameters.Layout.builder().add("w", 3).build();

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void twoStepsFollowTheClosedFormOfMomentumAndWeightDecay() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0.01), weights)) {
      weights.flat().fill_(new Scalar(2.0));
      weights.gradient().fill_(new Scalar(1.0));
      sgd.step(0.1);
      double v1 = 1 + 0.01 * 2;
      double w1 = 2 - 0.1 * v1;
      assertThat(weights.get("w").mean().item_double()).isCloseTo(w1, within(1e-6));
      weights.gradient().fill_(new Scalar(-3.0));
      sgd.step(0.2);
      double v2 = 0.9 * v1 - 3 + 0.01 * w1;
      assertThat(weights.get("w").mean().item_double()).isCloseTo(w1 - 0.2 * v2, within(1e-6));
      assertThat(sgd.state().get("velocity").mean().item_double()).isCloseTo(v2, within(1e-6));
    }
  }

  private static List<Double> trained(Predicate<Parameters.Entry> decays) {
    Parameters.Layout layout =
        Parameters.Layout.builder().add("w", 2, 2).add("b", 2).add("u", 2, 1).build();
    List<Double> means = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout, new Device("cpu"), true);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0.5), weights, decays)) {
      weights.flat().fill_(new Scalar(2.0));
      weights.gradient().fill_(new Scalar(1.0));
      sgd.step(0.1);
      sgd.step(0.1);
      List.of("w", "b", "u").forEach(name -> means.add(weights.get(name).mean().item_double()));
    }
    return means;
  }

  @Test
  void onlyWhatAMethodSaysDecays() {
    List<Double> all = trained(every -> true);
    List<Double> none = trained(every -> false);
    assertThat(all.get(0)).isLessThan(none.get(0));
    assertThat(trained(entry -> entry.shape().size() > 1))
        .containsExactly(all.get(0), none.get(1), all.get(2));
  }

  @Test
  void theUnitStepIsWhereAConstantGradientSettles() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), weights)) {
      weights.gradient().fill_(new Scalar(1.0));
      double before = 0;
      double step = 0;
      for (int i = 0; i < 200; i++) {
        sgd.step(0.1);
        double at = weights.flat().mean().item_double();
        step = before - at;
        before = at;
      }
      assertThat(step).isCloseTo(sgd.unitStep(0.1, 3), within(1e-3));
    }
  }

  @Test
  void atRestTheVelocityIsForgotten() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), weights)) {
      weights.gradient().fill_(new Scalar(1.0));
      sgd.step(1);
      sgd.rest();
      weights.zeroGradient();
      sgd.step(1);
      assertThat(weights.flat().mean().item_double()).isEqualTo(-1);
    }
  }

  @Test
  void valuesOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> new Sgd.Settings(1, 0)).hasMessageContaining("momentum is 1.0");
    assertThatThrownBy(() -> new Sgd.Settings(0.9, -1))
        .hasMessageContaining("--weight-decay -1.0 is below 0");
    assertThatThrownBy(() -> new Sgd.Settings(0.9, Double.NaN)).hasMessageContaining("NaN");
  }
}
