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
import org.bytedeco.pytorch.Scalar;
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
    return method(queue, temperature, false);
  }

  private static MoCoV2 method(int queue, double temperature, boolean symmetric) {
    return new MoCoV2(
        new MoCoV2.Settings(queue, 0.9, temperature, 16, 1, symmetric),
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

  private static Tensor of(int chunk, int firstName, int pictures) {
    Tensor of = torch.empty(pictures, 2).to(torch.ScalarType.Long);
    of.select(1, 0).fill_(new Scalar((long) chunk));
    for (int i = 0; i < pictures; i++) {
      of.select(0, i).select(0, 1).fill_(new Scalar((long) firstName + i));
    }
    return of;
  }

  @Test
  void olderKeysOfAQuerysOwnPictureAreNoNegatives() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 again = method(8, 0.2);
        MoCoV2 others = method(8, 0.2);
        MoCoV2 sameNameElsewhere = method(8, 0.2)) {
      Batch first = batch(8);
      Batch second = batch(8);
      for (MoCoV2 method : List.of(again, others, sameNameElsewhere)) {
        method.loss(new Batch(first.views(), null, of(0, 0, 8)));
      }
      double met = again.loss(new Batch(second.views(), null, of(0, 0, 8))).item_double();
      double unmet = others.loss(new Batch(second.views(), null, of(0, 8, 8))).item_double();
      double elsewhere =
          sameNameElsewhere.loss(new Batch(second.views(), null, of(1, 0, 8))).item_double();
      // Each query has one negative less, all else being equal.
      assertThat(met).isLessThan(unmet);
      assertThat(elsewhere).isEqualTo(unmet);
      assertThat(again.watched().get("softmax_own")).isBetween(0.01, 0.9);
      assertThat(others.watched()).containsEntry("softmax_own", 0.0);
      assertThat(others.watched()).containsEntry("softmax_past", 0.0);
      assertThat(sameNameElsewhere.watched().get("softmax_past")).isBetween(0.1, 1.0);
    }
  }

  @Test
  void bothViewsKeysOfTheSymmetricLossKnowTheirPicture() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 method = method(16, 0.2, true)) {
      method.loss(new Batch(batch(8).views(), null, of(3, 5, 8)));
      Tensor pictures = method.state().get("queue.pictures");
      assertThat(pictures.select(1, 0).eq(new Scalar(3L)).all().item_bool()).isTrue();
      assertThat(pictures.narrow(0, 0, 8).equal(of(3, 5, 8))).isTrue();
      assertThat(pictures.narrow(0, 8, 8).equal(of(3, 5, 8))).isTrue();
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

  @Test
  void theSymmetricLossIsUnchangedWhenBothViewsSwap() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 one = method(QUEUE, 0.2, true);
        MoCoV2 two = method(QUEUE, 0.2, true);
        MoCoV2 oneWay = method(QUEUE, 0.2, false)) {
      Batch batch = batch(8);
      Batch swapped = new Batch(List.of(batch.views().get(1), batch.views().get(0)), null);
      float loss = one.loss(batch).item_float();
      assertThat(two.loss(swapped).item_float()).isEqualTo(loss);
      assertThat(oneWay.loss(batch).item_float()).isNotEqualTo(loss);
    }
  }

  @Test
  void theSymmetricLossAndItsGradientAreTheMeanOfBothWays() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 both = method(QUEUE, 0.2, true);
        MoCoV2 there = method(QUEUE, 0.2);
        MoCoV2 back = method(QUEUE, 0.2)) {
      Batch batch = batch(8);
      Tensor loss = both.loss(batch);
      Tensor one = there.loss(batch);
      Tensor two = back.loss(new Batch(List.of(batch.views().get(1), batch.views().get(0)), null));
      assertThat(loss.item_double())
          .isCloseTo((one.item_double() + two.item_double()) / 2, within(1e-6));
      loss.backward();
      one.backward();
      two.backward();
      Tensor mean =
          there
              .weights()
              .gradient()
              .add(back.weights().gradient())
              .mul(new org.bytedeco.pytorch.Scalar(0.5));
      assertThat(both.weights().gradient().sub(mean).abs().max().item_double())
          .isLessThan(1e-4 * mean.abs().max().item_double());
    }
  }

  @Test
  void bothViewsKeysEnterTheQueueOfASymmetricLoss() {
    try (PointerScope scope = new PointerScope();
        MoCoV2 method = method(QUEUE, 0.2, true)) {
      Tensor fresh = method.state().get("queue").clone();
      method.loss(batch(8));
      assertThat(changed(method.state().get("queue"), fresh)).isEqualTo("################....");
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
