package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
  @BeforeAll
  static void natives() {
    Loader.load(torch.class);
  }

  @Test
  void equalKeysCostTheLogarithmOfTheirNumber() {
    try (PointerScope scope = new PointerScope()) {
      Tensor same = rows(new float[] {0.6f, 0.8f, 0.6f, 0.8f, 0.6f, 0.8f}, 3, 2);
      Tensor loss = InfoNce.loss(same.narrow(0, 0, 2), same.narrow(0, 0, 2), same, 0.07);
      assertThat(loss.item_double()).isCloseTo(Math.log(4), within(1e-6));
      assertThat(loss.dim()).isZero();
    }
  }

  @Test
  void aColdTemperatureLeavesNothingWhenTheOwnKeyIsNearestAndStaysFinite() {
    try (PointerScope scope = new PointerScope()) {
      Tensor q = rows(new float[] {1, 0}, 1, 2);
      Tensor far = rows(new float[] {0, 1, -1, 0}, 2, 2);
      assertThat(InfoNce.loss(q, q, far, 1e-3).item_double()).isCloseTo(0, within(1e-6));
      Tensor wrong = rows(new float[] {0, 1}, 1, 2);
      assertThat(InfoNce.loss(q, wrong, q, 1e-3).item_double()).isCloseTo(1000, within(1e-2));
    }
  }

  @Test
  void aHotTemperatureTellsNothingApart() {
    try (PointerScope scope = new PointerScope()) {
      Tensor q = rows(new float[] {1, 0}, 1, 2);
      Tensor far = rows(new float[] {0, 1, -1, 0}, 2, 2);
      assertThat(InfoNce.loss(q, q, far, 1e6).item_double()).isCloseTo(Math.log(3), within(1e-5));
    }
  }

  @Test
  void aKeyOfTheQuerysOwnPictureCountsAsLittleAsOneThatIsNotThere() {
    try (PointerScope scope = new PointerScope()) {
      Tensor q = rows(new float[] {0.6f, 0.8f, -0.28f, 0.96f}, 2, 2).requires_grad_(true);
      Tensor key = rows(new float[] {0.8f, 0.6f, 0, 1}, 2, 2);
      Tensor queue = rows(new float[] {1, 0, 0, -1, -0.6f, 0.8f}, 3, 2);
      Tensor own = torch.zeros(2, 3).to(ScalarType.Bool);
      own.select(1, 1).fill_(new Scalar(1L)); // of both queries
      Tensor masked = InfoNce.loss(q, key, queue, own, 0.2);
      Tensor without =
          InfoNce.loss(
              q,
              key,
              torch.cat(new TensorVector(queue.narrow(0, 0, 1), queue.narrow(0, 2, 1))),
              0.2);
      assertThat(masked.item_double()).isCloseTo(without.item_double(), within(1e-6));
      masked.backward();
      Tensor gradient = q.grad().clone();
      q.grad().zero_();
      without.backward();
      assertThat(gradient.sub(q.grad()).abs().max().item_double()).isLessThan(1e-6);
    }
  }

  @Test
  void anEmptyMaskChangesNoBit() {
    try (PointerScope scope = new PointerScope()) {
      Tensor q = torch.randn(8, 4);
      Tensor queue = torch.randn(9, 4);
      Tensor none = torch.zeros(8, 9).to(ScalarType.Bool);
      assertThat(InfoNce.loss(q, q, queue, none, 0.2).item_float())
          .isEqualTo(InfoNce.loss(q, q, queue, 0.2).item_float());
    }
  }

  @Test
  void theGradientAgreesWithFiniteDifferencesAndReachesTheQueriesOnly() {
    float[] at = {0.6f, 0.8f, -0.28f, 0.96f};
    try (PointerScope scope = new PointerScope()) {
      Tensor key = rows(new float[] {0.8f, 0.6f, 0, 1}, 2, 2).requires_grad_(true);
      Tensor queue = rows(new float[] {1, 0, 0, -1, -0.6f, 0.8f}, 3, 2);
      Tensor q = rows(at, 2, 2).requires_grad_(true);
      InfoNce.loss(q, key, queue, 0.5).backward();
      assertThat(key.grad().defined()).isFalse();
      float[] gradient = new float[4];
      q.grad().data_ptr_float().get(gradient);
      for (int i = 0; i < 4; i++) {
        float[] up = at.clone();
        float[] down = at.clone();
        up[i] += 1e-2f;
        down[i] -= 1e-2f;
        double slope =
            (InfoNce.loss(rows(up, 2, 2), key, queue, 0.5).item_double()
                    - InfoNce.loss(rows(down, 2, 2), key, queue, 0.5).item_double())
                / 2e-2;
        assertThat((double) gradient[i]).isCloseTo(slope, within(1e-3));
      }
    }
  }

  @Test
  void crossEntropyOfLevelLogitsIsTheLogarithmOfTheClasses() {
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = torch.zeros(4, 10).requires_grad_(true);
      Tensor labels = torch.zeros(4).to(ScalarType.Long);
      Tensor loss = CrossEntropy.loss(logits, labels);
      assertThat(loss.item_double()).isCloseTo(Math.log(10), within(1e-6));
      loss.backward();
      assertThat(logits.grad().select(1, 0).sum().item_double()).isCloseTo(-0.9, within(1e-6));
    }
  }

  @Test
  void shapesAndTemperatureAreChecked() {
    try (PointerScope scope = new PointerScope()) {
      Tensor q = torch.ones(2, 3);
      assertThatThrownBy(() -> InfoNce.loss(q, q, torch.ones(4, 2), 0.2))
          .hasMessageContaining("[4, 2]");
      assertThatThrownBy(() -> InfoNce.loss(q, q, q, 0)).hasMessageContaining("temperature");
      assertThatThrownBy(() -> CrossEntropy.loss(q, torch.zeros(3)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void nativeMemoryStaysFlat() {
    long[] counts = new long[3];
    for (int i = 0; i < 3; i++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor q = torch.ones(2, 3).div(new Scalar(2)).requires_grad_(true);
        InfoNce.loss(q, q, q, 0.2).backward();
      }
      counts[i] = Pointer.totalCount();
    }
    assertThat(counts[2]).isLessThanOrEqualTo(counts[1]);
  }

  private static Tensor rows(float[] values, long n, long d) {
    return torch.from_blob(new FloatPointer(values), n, d).clone();
  }
}
