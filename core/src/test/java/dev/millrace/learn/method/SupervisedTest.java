package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupervisedTest {
  private static final ResNetShape SHAPE = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Supervised method(boolean mlp, boolean newHead, Precision precision) {
    return new Supervised(
        new Supervised.Settings(4, mlp, newHead), SHAPE, new Device("cpu"), precision, 1);
  }

  @ParameterizedTest
  @CsvSource({"false, FP32", "true, FP32", "true, BF16"})
  void theLossOfOneBatchRepeatedFalls(boolean mlp, Precision precision) {
    try (PointerScope scope = new PointerScope();
        Supervised method = method(mlp, false, precision);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), method.weights())) {
      Tensor labels = torch.arange(new Scalar(16)).remainder(new Scalar(4));
      Batch batch =
          new Batch(
              List.of(torch.randn(16, 3, 16, 16)),
              labels.to(org.bytedeco.pytorch.global.torch.ScalarType.Long));
      double first = 0;
      double last = 0;
      for (int i = 0; i < 30; i++) {
        try (PointerScope step = new PointerScope()) {
          method.weights().zeroGradient();
          Tensor loss = method.loss(batch);
          last = loss.item_double();
          first = i == 0 ? last : first;
          loss.backward();
          sgd.step(0.02);
        }
      }
      assertThat(first).isBetween(0.8, 3.0);
      assertThat(last).isLessThan(first / 4);
    }
  }

  @Test
  void aChunkStartsWithANewHeadOnlyWhereThatIsAskedFor() {
    try (PointerScope scope = new PointerScope();
        Supervised same = method(false, false, Precision.FP32);
        Supervised fresh = method(false, true, Precision.FP32)) {
      Tensor before = fresh.weights().flat().clone();
      assertThat(same.weights().flat().equal(before)).isTrue();
      same.startChunk(1);
      fresh.startChunk(1);
      assertThat(same.weights().flat().equal(before)).isTrue();
      long n = fresh.encoderSize();
      assertThat(fresh.weights().flat().narrow(0, 0, n).equal(before.narrow(0, 0, n))).isTrue();
      assertThat(fresh.weights().flat().equal(before)).isFalse();
      fresh.startChunk(0);
      assertThat(fresh.weights().flat().equal(before)).isTrue();
    }
  }

  @Test
  void lessThanTwoClassesAreRefused() {
    assertThatThrownBy(() -> new Supervised.Settings(1, false, false))
        .hasMessageContaining("found 1 classes");
  }
}
