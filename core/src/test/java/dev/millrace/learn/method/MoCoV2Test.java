package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.ResNetShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MoCoV2Test {
  private static final int QUEUE = 20;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static MoCoV2 method(int queue, double temperature) {
    return new MoCoV2(
        new MoCoV2.Settings(queue, 0.9, temperature, 16, 1),
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        new Device("cpu"),
        Precision.FP32,
        1);
  }

  private static Batch batch(int pictures) {
    return new Batch(
        List.of(torch.randn(pictures, 3, 16, 16), torch.randn(pictures, 3, 16, 16)), null);
  }

  @Test
  void theQueueTakesEachBatchOfKeysAndGoesRoundItsEnd() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 method = method(QUEUE, 0.2)) {
      Tensor queue = method.state().get("queue");
      Tensor fresh = queue.clone();
      method.loss(batch(8));
      assertThat(changed(queue, fresh)).isEqualTo("########............");
      Tensor once = queue.clone();
      method.loss(batch(8));
      assertThat(changed(queue, once)).isEqualTo("........########....");
      Tensor twice = queue.clone();
      method.loss(batch(8));
      assertThat(changed(queue, twice)).isEqualTo("####............####");
      assertThat(method.state().get("queue.cursor").item_long()).isEqualTo(4);
      assertThat(queue.square().sum().item_double()).isCloseTo(QUEUE, within(1e-3));
      assertThat(queue.requires_grad()).isFalse();
    }
  }

  @Test
  void theKeyEncoderFollowsAndGetsNoGradient() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 method = method(QUEUE, 0.2)) {
      Tensor key = method.state().get("key.weights");
      Tensor before = key.clone();
      method.weights().zeroGradient();
      method.loss(batch(8)).backward();
      assertThat(method.weights().gradient().abs().sum().item_double()).isGreaterThan(0);
      assertThat(key.requires_grad()).isFalse();
      // The twin is equal to the weights at first: following changes nothing.
      assertThat(key.sub(before).abs().max().item_double()).isLessThan(1e-6);
      method.weights().flat().add_(new org.bytedeco.pytorch.Scalar(1.0));
      method.loss(batch(8));
      assertThat(key.sub(before).mean().item_double()).isCloseTo(0.1, within(1e-4));
    }
  }

  @Test
  void theFirstLossIsNearTheLogarithmOfTheNumberOfKeys() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 method = method(1023, 1)) {
      assertThat(method.loss(batch(16)).item_double()).isCloseTo(Math.log(1024), within(1.0));
    }
  }

  @Test
  void aMethodRestoredFromItsStateGoesOnWithTheSameLoss() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 one = method(QUEUE, 0.2);
        MoCoV2 two = method(QUEUE, 0.2)) {
      for (int i = 0; i < 3; i++) {
        one.weights().zeroGradient();
        one.loss(batch(8)).backward();
        one.weights().flat().sub_(one.weights().gradient());
      }
      Map<String, Tensor> saved = new LinkedHashMap<>();
      one.state().forEach((name, tensor) -> saved.put(name, tensor.clone()));
      two.state().forEach((name, tensor) -> tensor.copy_(saved.get(name)));
      for (int i = 0; i < 2; i++) {
        Batch next = batch(8);
        assertThat(two.loss(next).item_float()).isEqualTo(one.loss(next).item_float());
      }
    }
  }

  /** One character a key: # where it is another than before. */
  private static String changed(Tensor queue, Tensor before) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < queue.size(0); i++) {
      text.append(queue.select(0, i).equal(before.select(0, i)) ? '.' : '#');
    }
    return text.toString();
  }
}
