package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LarsTest {
  private static final Parameters.Layout LAYOUT =
      Parameters.Layout.builder().add("w.weight", 2, 2).add("b", 2).build();

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Parameters weights(double w, double gradient) {
    Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
    weights.flat().fill_(new Scalar(w));
    weights.gradient().fill_(new Scalar(gradient));
    return weights;
  }

  @Test
  void aStepOfATensorIsAShareOfItsNormAndABiasStepsAsSgd() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights(3, 0.5);
        Lars lars = new Lars(new Lars.Settings(0.9, 0.1, 0.02), weights, Optimiser.LAYERS)) {
      double lr = 2;
      lars.step(lr);
      // Norms of four equal numbers: ‖θ‖ = 6, ‖∇‖ = 1.
      double share = 0.02 * 6 / (1 + 0.1 * 6) / lr;
      double v = share * (0.5 + 0.1 * 3);
      assertThat(weights.get("w.weight").mean().item_double()).isCloseTo(3 - lr * v, within(1e-6));
      assertThat(weights.get("b").mean().item_double()).isCloseTo(3 - lr * 0.5, within(1e-6));
      double w = 3 - lr * v;
      weights.gradient().fill_(new Scalar(-0.25));
      lars.step(lr);
      double norm = 2 * w;
      double second = 0.02 * norm / (0.5 + 0.1 * norm) / lr * (-0.25 + 0.1 * w);
      assertThat(weights.get("w.weight").mean().item_double())
          .isCloseTo(w - lr * (0.9 * v + second), within(1e-6));
    }
  }

  @Test
  void theShareNeverLengthensAStep() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights(3, 1e-3);
        Lars lars = new Lars(new Lars.Settings(0, 0, 0.02), weights, Optimiser.LAYERS)) {
      lars.step(0.1);
      assertThat(weights.get("w.weight").mean().item_double())
          .isCloseTo(3 - 0.1 * 1e-3, within(1e-6));
    }
  }

  @Test
  void weightsOfZeroLearnAsWell() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = weights(0, 1);
        Lars lars = new Lars(new Lars.Settings(0, 0, 0.02), weights, Optimiser.LAYERS)) {
      lars.step(0.1);
      assertThat(weights.flat().mean().item_double()).isCloseTo(-0.1, within(1e-6));
    }
  }

  /** A transformer's positions have three dimensions, and are no layer's weights. */
  @Test
  void whatIsNoWeightOfALayerStepsAsSgdAndDoesNotDecay() {
    Parameters.Layout layout =
        Parameters.Layout.builder().add("pos_embed", 1, 2, 2).add("fc.weight", 2, 2).build();
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout, new Device("cpu"), true);
        Lars lars = new Lars(new Lars.Settings(0, 0.1, 0.02), weights, Optimiser.LAYERS)) {
      weights.flat().fill_(new Scalar(3.0));
      weights.gradient().fill_(new Scalar(0.5));
      lars.step(2);
      assertThat(weights.get("pos_embed").mean().item_double())
          .isCloseTo(3 - 2 * 0.5, within(1e-6));
      assertThat(weights.get("fc.weight").mean().item_double()).isGreaterThan(2.5);
    }
  }

  @Test
  void valuesOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> new Lars.Settings(1, 0, 0.02)).hasMessageContaining("momentum is 1.0");
    assertThatThrownBy(() -> new Lars.Settings(0.9, 0, 0)).hasMessageContaining("trust is 0.0");
  }
}
