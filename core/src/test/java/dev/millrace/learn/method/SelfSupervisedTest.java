package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Wiring;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every self-supervised method. */
class SelfSupervisedTest {
  private static final String MOCO = "moco-v2";
  private static final String BYOL = "byol";

  static Stream<String> all() {
    return Methods.names().stream().filter(name -> !name.startsWith("supervised"));
  }

  /** Those to whom both views are the same. */
  static Stream<String> symmetric() {
    return all().filter(name -> !name.equals(MOCO));
  }

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  /** Small, on an encoder of width 2. */
  private static Learner learner(String name, long seed) {
    Settings settings =
        Settings.defaults()
            .with(
                Map.of(
                    "method",
                    name,
                    "width",
                    2,
                    "queue",
                    16,
                    "momentum",
                    0.9,
                    "temperature",
                    0.2,
                    "dim",
                    8,
                    "projector-hidden",
                    16,
                    "predictor-hidden",
                    4,
                    "prototypes",
                    8,
                    "seed",
                    seed));
    if (name.equals("mae")) {
      settings = settings.with(Map.of("encoder", "vit-tiny", "size", 16, "patch", 8));
    }
    return Wiring.learner(settings, null, new Device("cpu"), Precision.FP32);
  }

  private static Tensor pictures(String purpose) {
    float[] values = new float[8 * 3 * 16 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, purpose, i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), 8, 3, 16, 16).clone();
  }

  private static Tensor labels() {
    return Tensor.create(0L, 1L, 2L, 3L, 0L, 1L, 2L, 3L);
  }

  private static Views views() {
    return new Views(List.of(pictures("one"), pictures("two")), labels());
  }

  @ParameterizedTest
  @MethodSource("symmetric")
  void theLossOfOneBatchRepeatedFalls(String name) {
    try (PointerScope scope = new PointerScope();
        Learner learner = learner(name, 1);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), learner.network().weights())) {
      Views views = views();
      double first = 0;
      double last = 0;
      for (int i = 0; i < 20; i++) {
        learner.network().weights().zeroGradient();
        last = Steps.of(learner, views);
        first = i == 0 ? last : first;
        sgd.step(0.01);
      }
      assertThat(last).isLessThan(first - 0.2 * Math.max(Math.abs(first), 0.1));
    }
  }

  static Stream<String> ofTwoViews() {
    return symmetric().filter(name -> !name.equals("mae"));
  }

  @ParameterizedTest
  @MethodSource("ofTwoViews")
  void theLossIsUnchangedWhenBothViewsSwap(String name) {
    try (PointerScope scope = new PointerScope();
        Learner one = learner(name, 1);
        Learner two = learner(name, 1)) {
      Views views = views();
      double loss = Steps.of(one, views);
      double swapped = Steps.of(two, new Views(List.of(views.view(1), views.view(0)), labels()));
      assertThat(swapped).isCloseTo(loss, within(1e-5 * Math.max(1, Math.abs(loss))));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aMethodRestoredFromItsStateGoesOnWithTheSameLoss(String name) {
    try (PointerScope scope = new PointerScope();
        Learner one = learner(name, 1);
        Learner two =
            learner(name, name.matches("lejepa|mae") ? 1 : 2)) { // it draws by the run's seed
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
  @MethodSource("symmetric")
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
      assertThat(Steps.of(learner, views()))
          .isCloseTo(fixed, within(1e-4 * Math.max(1, Math.abs(fixed))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MOCO, BYOL, "moco-v3", "dino"})
  void aTwinGetsNoGradientAndFollows(String name) {
    try (PointerScope scope = new PointerScope();
        Learner learner = learner(name, 1)) {
      Tensor twin =
          learner.method().state().get(name.equals(MOCO) ? "key.weights" : "twin.weights");
      Tensor before = twin.clone();
      learner.network().weights().flat().add_(new org.bytedeco.pytorch.Scalar(1.0));
      Steps.of(learner, views());
      assertThat(twin.requires_grad()).isFalse();
      assertThat(twin.sub(before).mean().item_double()).isCloseTo(0.1, within(1e-4));
    }
  }
}
