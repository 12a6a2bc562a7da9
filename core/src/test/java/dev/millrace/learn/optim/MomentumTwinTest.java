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

class MomentumTwinTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void theTwinStartsEqualAndFollowsByOneMinusTheMomentum() {
    Parameters.Layout layout = Parameters.Layout.builder().add("w", 2, 3).build();
    try (PointerScope scope = new PointerScope();
        Parameters weights = new Parameters(layout, new Device("cpu"), true)) {
      weights.flat().fill_(new Scalar(1.0));
      try (MomentumTwin twin = new MomentumTwin(weights, 0.75)) {
        assertThat(twin.weights().get("w").mean().item_double()).isEqualTo(1);
        weights.flat().fill_(new Scalar(5.0));
        twin.follow();
        assertThat(twin.weights().get("w").mean().item_double()).isCloseTo(2, within(1e-6));
        twin.follow();
        assertThat(twin.weights().get("w").mean().item_double()).isCloseTo(2.75, within(1e-6));
        assertThat(weights.flat().mean().item_double()).isEqualTo(5);
        assertThat(twin.weights().get("w").requires_grad()).isFalse();
      }
      assertThatThrownBy(() -> new MomentumTwin(weights, 1.5)).hasMessageContaining("1.5");
    }
  }
}
