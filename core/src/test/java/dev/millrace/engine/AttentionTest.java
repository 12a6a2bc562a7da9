package dev.millrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private static final int HEADS = 2;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @Test
  void eachHeadMixesValuesByTheSoftmaxOfItsScaledProducts() {
    try (PointerScope scope = new PointerScope()) {
      Tensor qkv = torch.randn(3, 5, 24);
      Tensor mixed = Attention.of(qkv, HEADS, false);
      for (int head = 0; head < HEADS; head++) {
        Tensor q = qkv.narrow(2, 4L * head, 4);
        Tensor k = qkv.narrow(2, 8 + 4L * head, 4);
        Tensor v = qkv.narrow(2, 16 + 4L * head, 4);
        Tensor weights = torch.softmax(q.matmul(k.transpose(1, 2)).div(new Scalar(2.0)), 2);
        assertThat(farthest(mixed.narrow(2, 4L * head, 4), weights.matmul(v))).isLessThan(1e-5);
      }
    }
  }

  @Test
  void whatHasSecondDerivativesIsTheSame() {
    try (PointerScope scope = new PointerScope()) {
      Tensor qkv = torch.randn(3, 5, 24);
      assertThat(farthest(Attention.of(qkv, HEADS, true), Attention.of(qkv, HEADS, false)))
          .isLessThan(1e-5);
    }
  }

  /** Fused, it would differ in the last places, and take eight times as long. */
  @Test
  void bfloat16IsWrittenOutOnAProcessor() {
    try (PointerScope scope = new PointerScope()) {
      Tensor qkv = torch.randn(8, 65, 3 * 64).to(ScalarType.BFloat16);
      Tensor mixed = Attention.of(qkv, HEADS, false);
      assertThat(mixed.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(farthest(mixed, Attention.of(qkv, HEADS, true))).isZero();
      Tensor single = Attention.of(qkv.to(ScalarType.Float), HEADS, false);
      assertThat(farthest(mixed, single)).isLessThan(0.02);
    }
  }

  /** Its gradient's sums have no fixed order there. */
  @Test
  void onACardItIsWrittenOutWhereAGradientIsWanted() {
    for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
      assertThat(Attention.writtenOut(true, true, type)).isTrue();
      assertThat(Attention.writtenOut(true, false, type)).isFalse();
      for (boolean learning : new boolean[] {true, false}) {
        assertThat(Attention.writtenOut(false, learning, type))
            .isEqualTo(type == ScalarType.BFloat16);
      }
    }
  }

  private static double farthest(Tensor a, Tensor b) {
    return a.to(ScalarType.Float).sub(b.to(ScalarType.Float)).abs().max().item_float();
  }
}
