package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.learn.optim.Optimiser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On one weight of a layer, which begins at 1. */
class OptimiserSettingsTest {
  private static final double LR = 0.1;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** Where the weight is after steps along such gradients. */
  private static double after(Map<String, Object> given, double... gradients) {
    Map<String, Object> all = new HashMap<>(given);
    all.put("weight-decay", 0);
    Settings settings = Settings.defaults().with(all);
    Parameters.Layout layout = Parameters.Layout.builder().add("layer.weight", 1, 1).build();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = new Parameters(layout, new Device("cpu"), true);
        Optimiser optimiser = PartSettings.optimiser(settings, weights)) {
      weights.flat().fill_(new Scalar(1.0));
      for (double gradient : gradients) {
        weights.gradient().fill_(new Scalar(gradient));
        optimiser.step(LR);
      }
      return weights.flat().narrow(0, 0, 1).item_double();
    }
  }

  @Test
  void aStepOfLarsIsTheShareOfTheNormThatEtaLarsGives() {
    assertThat(after(Map.of("optimiser", "lars"), 5)).isCloseTo(1 - 0.02, within(1e-6));
    assertThat(after(Map.of("optimiser", "lars", "eta-lars", 0.25), 5))
        .isCloseTo(1 - 0.25, within(1e-6));
  }

  @Test
  void theAveragesOfAdamWKeepWhatAdamwBetasGive() {
    assertThat(after(Map.of("optimiser", "adamw"), 1, 3))
        .isCloseTo(adamW(0.9, 0.999), within(1e-6));
    assertThat(after(Map.of("optimiser", "adamw", "adamw-betas", List.of(0.5, 0.9)), 1, 3))
        .isCloseTo(adamW(0.5, 0.9), within(1e-6));
  }

  /** Two steps by the paper's algorithm, along 1 and 3. */
  private static double adamW(double first, double second) {
    double one = LR * 1; // m̂ = √v̂ = 1
    double mean = (first * (1 - first) * 1 + (1 - first) * 3) / (1 - first * first);
    double square = (second * (1 - second) * 1 + (1 - second) * 9) / (1 - second * second);
    return 1 - one - LR * mean / Math.sqrt(square);
  }
}
