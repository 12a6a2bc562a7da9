package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Views;
import dev.millrace.vision.encoder.resnet.ResNetShape;
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

  private static Learner method(int queue, double temperature) {
    return method(queue, temperature, false);
  }

  private static Learner method(int queue, double temperature, boolean symmetric) {
    return Steps.moco(
        new MoCoV2.Settings(queue, 0.9, temperature, 16, 1, symmetric),
        new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
        Precision.FP32,
        1);
  }

  private static Views batch(int pictures) {
    return new Views(
        List.of(torch.randn(pictures, 3, 16, 16), torch.randn(pictures, 3, 16, 16)), null);
  }

  @Test
  void theQueueTakesEachBatchOfKeysAndGoesRoundItsEnd() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(QUEUE, 0.2)) {
      Tensor queue = method.method().state().get("queue");
      Tensor fresh = queue.clone();
      Steps.of(method, batch(8));
      assertThat(changed(queue, fresh)).isEqualTo("########............");
      Tensor once = queue.clone();
      Steps.of(method, batch(8));
      assertThat(changed(queue, once)).isEqualTo("........########....");
      Tensor twice = queue.clone();
      Steps.of(method, batch(8));
      assertThat(changed(queue, twice)).isEqualTo("####............####");
      assertThat(method.method().state().get("queue.cursor").item_long()).isEqualTo(4);
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
        Learner again = method(8, 0.2);
        Learner others = method(8, 0.2);
        Learner sameNameElsewhere = method(8, 0.2)) {
      Views first = batch(8);
      Views second = batch(8);
      for (Learner method : List.of(again, others, sameNameElsewhere)) {
        Steps.of(method, new Views(first.views(), null, of(0, 0, 8)));
      }
      double met = Steps.of(again, new Views(second.views(), null, of(0, 0, 8)));
      double unmet = Steps.of(others, new Views(second.views(), null, of(0, 8, 8)));
      double elsewhere =
          Steps.of(sameNameElsewhere, new Views(second.views(), null, of(1, 0, 8)), 1);
      // Each query has one negative less, all else being equal.
      assertThat(met).isLessThan(unmet);
      assertThat(elsewhere).isEqualTo(unmet);
      assertThat(again.method().watched().get("softmax_own")).isBetween(0.01, 0.9);
      assertThat(others.method().watched()).containsEntry("softmax_own", 0.0);
      assertThat(others.method().watched()).containsEntry("softmax_past", 0.0);
      assertThat(sameNameElsewhere.method().watched().get("softmax_past")).isBetween(0.1, 1.0);
      Steps.of(others, new Views(second.views(), null, of(0, 16, 8)), 1);
      assertThat(others.method().watched().get("softmax_past"))
          .as("also where all of a batch is replayed")
          .isBetween(0.1, 1.0);
    }
  }

  @Test
  void bothViewsKeysOfTheSymmetricLossKnowTheirPicture() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(16, 0.2, true)) {
      Steps.of(method, new Views(batch(8).views(), null, of(3, 5, 8)));
      Tensor pictures = method.method().state().get("queue.pictures");
      assertThat(pictures.select(1, 0).eq(new Scalar(3L)).all().item_bool()).isTrue();
      assertThat(pictures.narrow(0, 0, 8).equal(of(3, 5, 8))).isTrue();
      assertThat(pictures.narrow(0, 8, 8).equal(of(3, 5, 8))).isTrue();
    }
  }

  @Test
  void theKeyEncoderFollowsAndGetsNoGradient() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(QUEUE, 0.2)) {
      Tensor key = method.method().state().get("key.weights");
      Tensor before = key.clone();
      method.network().weights().zeroGradient();
      Steps.of(method, batch(8));
      assertThat(method.network().weights().gradient().abs().sum().item_double()).isGreaterThan(0);
      assertThat(key.requires_grad()).isFalse();
      // The twin is equal to the weights at first: following changes nothing.
      assertThat(key.sub(before).abs().max().item_double()).isLessThan(1e-6);
      method.network().weights().flat().add_(new org.bytedeco.pytorch.Scalar(1.0));
      Steps.of(method, batch(8));
      assertThat(key.sub(before).mean().item_double()).isCloseTo(0.1, within(1e-4));
    }
  }

  @Test
  void theFirstLossIsNearTheLogarithmOfTheNumberOfKeys() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(1023, 1)) {
      assertThat(Steps.of(method, batch(16))).isCloseTo(Math.log(1024), within(1.0));
    }
  }

  @Test
  void aMethodRestoredFromItsStateGoesOnWithTheSameLoss() {
    try (PointerScope scope = new PointerScope();
        Learner one = method(QUEUE, 0.2);
        Learner two = method(QUEUE, 0.2)) {
      for (int i = 0; i < 3; i++) {
        one.network().weights().zeroGradient();
        Steps.of(one, batch(8));
        one.network().weights().flat().sub_(one.network().weights().gradient());
      }
      Map<String, Tensor> saved = new LinkedHashMap<>();
      one.state().forEach((name, tensor) -> saved.put(name, tensor.clone()));
      two.state().forEach((name, tensor) -> tensor.copy_(saved.get(name)));
      for (int i = 0; i < 2; i++) {
        Views next = batch(8);
        assertThat(Steps.of(two, next)).isEqualTo(Steps.of(one, next));
      }
    }
  }

  @Test
  void theSymmetricLossIsUnchangedWhenBothViewsSwap() {
    try (PointerScope scope = new PointerScope();
        Learner one = method(QUEUE, 0.2, true);
        Learner two = method(QUEUE, 0.2, true);
        Learner oneWay = method(QUEUE, 0.2, false)) {
      Views batch = batch(8);
      Views swapped = new Views(List.of(batch.views().get(1), batch.views().get(0)), null);
      double loss = Steps.of(one, batch);
      assertThat(Steps.of(two, swapped)).isEqualTo(loss);
      assertThat(Steps.of(oneWay, batch)).isNotEqualTo(loss);
    }
  }

  @Test
  void theSymmetricLossAndItsGradientAreTheMeanOfBothWays() {
    try (PointerScope scope = new PointerScope();
        Learner both = method(QUEUE, 0.2, true);
        Learner there = method(QUEUE, 0.2);
        Learner back = method(QUEUE, 0.2)) {
      Views batch = batch(8);
      double loss = Steps.of(both, batch);
      double one = Steps.of(there, batch);
      double two = Steps.of(back, new Views(List.of(batch.view(1), batch.view(0)), null));
      assertThat(loss).isCloseTo((one + two) / 2, within(1e-6));
      Tensor mean =
          there
              .network()
              .weights()
              .gradient()
              .add(back.network().weights().gradient())
              .mul(new org.bytedeco.pytorch.Scalar(0.5));
      assertThat(both.network().weights().gradient().sub(mean).abs().max().item_double())
          .isLessThan(1e-4 * mean.abs().max().item_double());
    }
  }

  @Test
  void bothViewsKeysEnterTheQueueOfASymmetricLoss() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(QUEUE, 0.2, true)) {
      Tensor fresh = method.method().state().get("queue").clone();
      Steps.of(method, batch(8));
      assertThat(changed(method.method().state().get("queue"), fresh))
          .isEqualTo("################....");
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
