package dev.millrace.vision.encoder.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.vision.encoder.file.EncoderFile;
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
import org.junit.jupiter.params.provider.ValueSource;

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
      try (FrozenResNet fp32 = new FrozenResNet((ResNet) encoder.net(), Precision.FP32);
          FrozenResNet bf16 = new FrozenResNet((ResNet) encoder.net(), Precision.BF16)) {
        assertThat(apart(fp32.forward(x), expected)).isLessThan(1e-4);
        Tensor close = bf16.forward(x);
        assertThat(close.dtype().toScalarType().intern()).isEqualTo(torch.ScalarType.Float);
        assertThat(apart(close, expected)).isLessThan(0.05);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 16, SMALL, 32, 1",
    "resnet18, 16, SMALL, 32, 7",
    "resnet18, 32, SMALL, 20, 4",
    "resnet18, 16, IMAGENET, 64, 3",
    "resnet50, 16, SMALL, 16, 2",
    "resnet50, 16, IMAGENET, 70, 5"
  })
  void throughOneDnnTheFeaturesAreThoseOfLibtorch(
      String name, int width, ResNetShape.Stem stem, int side, int n) {
    assumeTrue(OneDnn.available());
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = worn(name, width, stem);
        FrozenResNet fp32 = new FrozenResNet((ResNet) encoder.net(), Precision.FP32);
        FrozenResNet bf16 = new FrozenResNet((ResNet) encoder.net(), Precision.BF16)) {
      Tensor x = torch.randn(n, side, side, 3).permute(0, 3, 1, 2);
      Tensor exact = encoder.net().forward(x, false);
      OneDnnPrimitives.require(fp32.fused(x) != null);
      assertThat(far(fp32.fused(x), exact)).isLessThan(1e-5);
      OneDnnPrimitives.require(bf16.fused(x) != null);
      assertThat(far(bf16.fused(x), exact))
          .isGreaterThan(1e-4)
          .isLessThan(1.2 * far(bf16.unfused(x), exact));
    }
  }

  /** The difference's norm as a share of the expected one's. */
  private static double far(Tensor found, Tensor expected) {
    return found.sub(expected).norm().item_double() / expected.norm().item_double();
  }

  @Test
  void aPictureHasTheSameFeaturesInAnyBatchAndNextToAnyOther() {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = worn("resnet18", 16, ResNetShape.Stem.SMALL);
        FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.FP32)) {
      Tensor x = torch.randn(10, 3, 32, 32);
      Tensor whole = frozen.forward(x);
      Tensor first = frozen.forward(x.narrow(0, 0, 7));
      Tensor last = frozen.forward(x.narrow(0, 7, 3));
      assertThat(apart(first, whole.narrow(0, 0, 7))).isLessThan(1e-5);
      assertThat(apart(last, whole.narrow(0, 7, 3))).isLessThan(1e-5);
      assertThat(frozen.forward(x).equal(whole)).as("the first shape once more").isTrue();
    }
  }

  @Test
  void theLayoutOfThePicturesDoesNotMatter() {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = worn("resnet18", 16, ResNetShape.Stem.SMALL);
        FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.BF16)) {
      Tensor x = torch.randn(4, 32, 32, 3).permute(0, 3, 1, 2);
      assertThat(frozen.forward(x.contiguous()).equal(frozen.forward(x))).isTrue();
    }
  }

  @Test
  void theNumberOfThreadsChangesNothingButRounding() {
    int threads = torch.get_num_threads();
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = worn("resnet18", 16, ResNetShape.Stem.SMALL);
        FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.FP32)) {
      Tensor x = torch.randn(6, 3, 32, 32);
      Natives.threads(1);
      Tensor one = frozen.forward(x);
      Natives.threads(2);
      assertThat(apart(frozen.forward(x), one)).isLessThan(1e-5);
    } finally {
      Natives.threads(threads);
    }
  }

  @Test
  void aNetOfOtherWidthsGoesThroughLibtorch() {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = worn("resnet18", 12, ResNetShape.Stem.SMALL);
        FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.FP32)) {
      assertThat(frozen.fused(torch.randn(2, 3, 16, 16))).isNull();
      assertThat(frozen.forward(torch.randn(2, 3, 16, 16)).size(1)).isEqualTo(96);
    }
  }

  @Test
  void manyPassesLeaveNoNativeMemoryBehind() {
    try (EncoderFile encoder = worn("resnet18", 16, ResNetShape.Stem.SMALL);
        FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.BF16)) {
      long before = 0;
      for (int i = 0; i < 40; i++) {
        try (PointerScope scope = new PointerScope()) {
          frozen.forward(torch.randn(1 + i % 3, 3, 16, 16));
        }
        if (i == 4) {
          before = Pointer.totalCount();
        }
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
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
      try (FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.FP32)) {
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

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void nativeMemoryIsFreedWithTheNetwork(int width) {
    try (EncoderFile encoder = worn("resnet18", width, ResNetShape.Stem.SMALL)) {
      long before = 0;
      for (int i = 0; i < 3; i++) {
        try (PointerScope scope = new PointerScope();
            FrozenResNet frozen = new FrozenResNet((ResNet) encoder.net(), Precision.BF16)) {
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
