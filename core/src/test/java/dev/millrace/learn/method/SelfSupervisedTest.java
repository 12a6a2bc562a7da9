package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Alone;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every self-supervised method. */
class SelfSupervisedTest {
  private static final String MOCO = "moco-v2";
  private static final String SIMCLR = "simclr";
  private static final String BYOL = "byol";

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Learner learner(String name, long seed) {
    ResNetShape shape = new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL);
    SimClr.Settings simClr = new SimClr.Settings(0.2, 16, 8);
    Byol.Settings byol = new Byol.Settings(0.9, 16, 8);
    MoCoV2.Settings moco = new MoCoV2.Settings(16, 0.9, 0.2, 8, 1);
    List<Head> heads =
        switch (name) {
          case SIMCLR -> SimClr.heads(simClr, shape.dim());
          case BYOL -> Byol.heads(byol, shape.dim());
          default -> MoCoV2.heads(moco, shape.dim());
        };
    Network network = Network.of(shape, heads, new Device("cpu"), Precision.FP32, seed);
    return new Learner(
        network,
        switch (name) {
          case SIMCLR -> new SimClr(simClr, network);
          case BYOL -> new Byol(byol, network);
          default -> new MoCoV2(moco, network, new Alone(), seed);
        });
  }

  private static Tensor pictures(String purpose) {
    float[] values = new float[8 * 3 * 16 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), 8, 3, 16, 16).clone();
  }

  private static Views views() {
    return new Views(List.of(pictures("one"), pictures("two")), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {SIMCLR, BYOL})
  void theLossOfOneBatchRepeatedFalls(String name) {
    try (PointerScope scope = new PointerScope();
        Learner learner = learner(name, 1);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), learner.network().weights())) {
      Views views = views();
      double first = 0;
      double last = 0;
      for (int i = 0; i < 40; i++) {
        learner.network().weights().zeroGradient();
        last = Steps.of(learner, views);
        first = i == 0 ? last : first;
        sgd.step(0.01);
      }
      assertThat(last).isLessThan(0.5 * first);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SIMCLR, BYOL})
  void theLossIsUnchangedWhenBothViewsSwap(String name) {
    try (PointerScope scope = new PointerScope();
        Learner one = learner(name, 1);
        Learner two = learner(name, 1)) {
      Views views = views();
      double loss = Steps.of(one, views);
      double swapped = Steps.of(two, new Views(List.of(views.view(1), views.view(0)), null));
      assertThat(swapped).isCloseTo(loss, within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MOCO, SIMCLR, BYOL})
  void aMethodRestoredFromItsStateGoesOnWithTheSameLoss(String name) {
    try (PointerScope scope = new PointerScope();
        Learner one = learner(name, 1);
        Learner two = learner(name, 2)) {
      Sgd sgd = new Sgd(new Sgd.Settings(0, 0), one.network().weights());
      for (int i = 0; i < 3; i++) {
        one.network().weights().zeroGradient();
        Steps.of(one, views());
        sgd.step(0.1);
      }
      Map<String, Tensor> saved = new LinkedHashMap<>();
      one.state().forEach((key, tensor) -> saved.put(key, tensor.clone()));
      two.state().forEach((key, tensor) -> tensor.copy_(saved.get(key)));
      for (int i = 0; i < 2; i++) {
        assertThat(Steps.of(two, views())).isEqualTo(Steps.of(one, views()));
      }
      sgd.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SIMCLR, BYOL})
  void aFixedLossIsThatOfAStepAndChangesNothing(String name) {
    try (PointerScope scope = new PointerScope();
        Learner learner = learner(name, 1)) {
      Map<String, Tensor> before = new LinkedHashMap<>();
      learner.state().forEach((key, tensor) -> before.put(key, tensor.clone()));
      double fixed;
      try (FixedLoss loss = FixedLoss.of(learner.method(), views())) {
        fixed = loss.get().item_double();
      }
      learner
          .state()
          .forEach((key, tensor) -> assertThat(tensor.equal(before.get(key))).as(key).isTrue());
      assertThat(Steps.of(learner, views())).isCloseTo(fixed, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MOCO, BYOL})
  void aTwinGetsNoGradientAndFollows(String name) {
    try (PointerScope scope = new PointerScope();
        Learner learner = learner(name, 1)) {
      Tensor twin =
          learner.method().state().get(name.equals(BYOL) ? "twin.weights" : "key.weights");
      Tensor before = twin.clone();
      learner.network().weights().flat().add_(new org.bytedeco.pytorch.Scalar(1.0));
      Steps.of(learner, views());
      assertThat(twin.requires_grad()).isFalse();
      assertThat(twin.sub(before).mean().item_double()).isCloseTo(0.1, within(1e-4));
    }
  }
}
