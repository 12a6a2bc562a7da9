package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DistillationTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void ofEqualRowsItIsTheLogarithmOfTheirNumber() {
    try (PointerScope scope = new PointerScope()) {
      Tensor same = torch.ones(7, 3);
      assertThat(Distillation.loss(same, same, 0.2).item_double())
          .isCloseTo(Math.log(7), within(1e-5));
    }
  }

  @Test
  void lengthsOfRowsDoNotMatter() {
    try (PointerScope scope = new PointerScope()) {
      Tensor p = torch.randn(5, 4);
      Tensor z = torch.randn(5, 4);
      assertThat(Distillation.loss(p.mul(new Scalar(3)), z.mul(new Scalar(0.1)), 0.5).item_double())
          .isCloseTo(Distillation.loss(p, z, 0.5).item_double(), within(1e-5));
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(() -> Distillation.loss(torch.ones(5, 4), torch.ones(5, 3), 0.2))
          .hasMessageContaining("found [5, 4] and [5, 3]");
      assertThatThrownBy(() -> Distillation.loss(torch.ones(5, 4), torch.ones(5, 4), 0))
          .hasMessageContaining("found temperature 0.0, expected above 0");
    }
  }
}
