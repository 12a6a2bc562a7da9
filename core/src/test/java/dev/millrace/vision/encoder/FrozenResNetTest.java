package dev.millrace.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrozenResNetTest {
  @BeforeAll
  static void natives() {
    Natives.load();
    torch.manual_seed(7);
  }

  /** An encoder whose normalisations are anything but the identity. */
  private static EncoderFile worn(String name, int width, ResNetShape.Stem stem) {
    EncoderFile encoder =
        EncoderFile.untrained(new ResNetShape(name, width, stem), 32, Map.of(), new Device("cpu"));
    encoder.net().initialise(Draw.of(1, "encoder"));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      encoder
          .net()
          .state()
          .forEach(
              (key, tensor) -> {
                if (key.endsWith("running_var")) {
                  tensor.uniform_(0.5, 3, new org.bytedeco.pytorch.GeneratorOptional());
                } else if (key.endsWith("running_mean") || key.endsWith("bias")) {
                  tensor.uniform_(-0.5, 0.5, new org.bytedeco.pytorch.GeneratorOptional());
                } else if (tensor.dim() == 1) {
                  tensor.uniform_(-0.5, 1.5, new org.bytedeco.pytorch.GeneratorOptional());
                }
              });
    }
    return encoder;
  }

  private static Tensor pictures(int side) {
    return torch.randn(3, side, side, 3).permute(0, 3, 1, 2);
  }

  /** The largest difference as a share of the largest feature, which is not above 1 in training. */
  private static double apart(Tensor found, Tensor expected) {
    double largest = Math.max(1, expected.abs().max().item_double());
    return found.sub(expected).abs().max().item_double() / largest;
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 3, SMALL, 32",
    "resnet18, 16, IMAGENET, 64",
    "resnet34, 16, SMALL, 16",
    "resnet34, 5, IMAGENET, 40",
    "resnet50, 4, SMALL, 32",
    "resnet50, 6, IMAGENET, 64"
  })
  void foldedFeaturesAreThoseOfTheUnfoldedNetwork(
      String name, int width, ResNetShape.Stem stem, int side) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = worn(name, width, stem)) {
      Tensor x = pictures(side);
      Tensor expected = encoder.net().forward(x, false);
      assertThat(expected.std(true).item_double()).isGreaterThan(1e-3);
      try (FrozenResNet fp32 = new FrozenResNet(encoder.net(), Precision.FP32);
          FrozenResNet bf16 = new FrozenResNet(encoder.net(), Precision.BF16)) {
        assertThat(apart(fp32.forward(x), expected)).isLessThan(1e-4);
        Tensor close = bf16.forward(x);
        assertThat(close.dtype().toScalarType().intern()).isEqualTo(torch.ScalarType.Float);
        assertThat(apart(close, expected)).isLessThan(0.05);
      }
    }
  }

  @Test
  void freezingLeavesTheNetworkAsItIsAndDoesNotFollowIt() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = worn("resnet18", 4, ResNetShape.Stem.SMALL)) {
      Map<String, Tensor> before = new HashMap<>();
      encoder.net().state().forEach((key, tensor) -> before.put(key, tensor.clone()));
      Tensor x = pictures(16);
      try (FrozenResNet frozen = new FrozenResNet(encoder.net(), Precision.FP32)) {
        Tensor features = frozen.forward(x);
        encoder
            .net()
            .state()
            .forEach((key, tensor) -> assertThat(tensor.equal(before.get(key))).as(key).isTrue());
        encoder.net().state().get("conv1.weight").zero_();
        assertThat(frozen.forward(x).equal(features)).isTrue();
      }
    }
  }

  @Test
  void nativeMemoryIsFreedWithTheNetwork() {
    try (EncoderFile encoder = worn("resnet18", 4, ResNetShape.Stem.SMALL)) {
      long before = 0;
      for (int i = 0; i < 3; i++) {
        try (PointerScope scope = new PointerScope();
            FrozenResNet frozen = new FrozenResNet(encoder.net(), Precision.BF16)) {
          frozen.forward(pictures(16));
        }
        if (i == 0) {
          before = Pointer.totalCount();
        }
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
  }
}
