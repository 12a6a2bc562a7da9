package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitStepTest {
  private static final long ENCODER = 40;

  /** A head whose gradient is another than the encoder's comes last. */
  private static final Parameters.Layout LAYOUT =
      Parameters.Layout.builder()
          .add("encoder.weight", 6, 6)
          .add("encoder.bias", 4)
          .add("head.weight", 10, 10)
          .build();

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Optimiser optimiser(String name, Parameters weights) {
    return switch (name) {
      case "adamw" -> new AdamW(AdamW.Settings.standard(0), weights, Optimiser.LAYERS);
      case "lars" -> new Lars(new Lars.Settings(0.9, 0, 0.02), weights, Optimiser.LAYERS);
      default -> new Sgd(new Sgd.Settings(0.9, 0), weights);
    };
  }

  /** LARS shortens no step of the third row, the layer's of the fourth to a twentieth. */
  @ParameterizedTest
  @CsvSource({"sgd,0.03,1e-3", "adamw,5e-4,1e-3", "lars,0.001,1e-3", "lars,8,0.05"})
  void aConstantGradientMovesTheEncoderByItselfTimesTheUnitStep(
      String name, double lr, double gradient) {
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(LAYOUT, new Device("cpu"), true);
        Optimiser optimiser = optimiser(name, weights)) {
      Tensor encoder = weights.flat().narrow(0, 0, ENCODER);
      weights.gradient().fill_(new Scalar(7 * gradient));
      weights.gradient().narrow(0, 0, ENCODER).fill_(new Scalar(gradient));
      double moved = 0;
      for (int i = 0; i < 120; i++) {
        weights.flat().fill_(new Scalar(1.0)); // what LARS's share is of
        optimiser.step(lr);
        moved = 1 - encoder.mean().item_double();
      }
      assertThat(moved / gradient / optimiser.unitStep(lr, ENCODER)).isCloseTo(1, within(0.02));
    }
  }
}
