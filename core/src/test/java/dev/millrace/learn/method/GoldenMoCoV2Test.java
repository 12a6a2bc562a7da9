package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.Safetensors;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole updates against PyTorch's; {@code golden/moco.py} made the files. */
class GoldenMoCoV2Test {
  private static final Device CPU = new Device("cpu");

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  @ParameterizedTest
  @CsvSource({"moco-v2, 1", "moco-v2-splits, 2"})
  void threeUpdatesAreThoseOfTorchInPython(String file, int splits) throws Exception {
    Path path = Path.of(getClass().getResource("/golden/method/" + file + ".safetensors").toURI());
    try (PointerScope scope = new PointerScope();
        Learner method =
            Steps.moco(
                new MoCoV2.Settings(16, 0.9, 0.2, 8, splits),
                new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
                Precision.FP32,
                1);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 1e-2), method.network().weights())) {
      Map<String, Tensor> golden = Safetensors.read(path, CPU).tensors();
      start(method, golden);
      for (int step = 0; step < 3; step++) {
        method.network().weights().zeroGradient();
        double loss =
            Steps.of(
                method,
                new Views(List.of(golden.get("query." + step), golden.get("key." + step)), null));
        assertThat(loss)
            .isCloseTo(golden.get("losses").select(0, step).item_double(), within(1e-4));
        sgd.step(0.05);
      }
      for (Parameters.Entry entry : method.network().weights().layout().entries()) {
        near(
            entry.name(),
            method.network().weights().get(entry.name()),
            golden.get("after." + entry.name()));
      }
      near("queue", method.method().state().get("queue"), golden.get("queue"));
      // Convolution weights are stored channels-last.
      Tensor key = golden.get("key.conv1").permute(0, 2, 3, 1);
      near(
          "key encoder",
          method.method().state().get("key.weights").narrow(0, 0, key.numel()),
          key.reshape(new long[] {key.numel()}));
    }
  }

  private static void start(Learner method, Map<String, Tensor> golden) {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Parameters.Entry entry : method.network().weights().layout().entries()) {
        method.network().weights().get(entry.name()).copy_(golden.get("before." + entry.name()));
      }
      method.method().state().get("key.weights").copy_(method.network().weights().flat());
      method.method().state().get("queue").copy_(golden.get("before.queue"));
    }
  }

  private static void near(String what, Tensor ours, Tensor theirs) {
    assertThat(ours.detach().sub(theirs).abs().max().item_double()).as(what).isLessThan(1e-4);
  }
}
