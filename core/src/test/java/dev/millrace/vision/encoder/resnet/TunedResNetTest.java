package dev.millrace.vision.encoder.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.Normalisations;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunedResNetTest {
  private static final Device CPU = new Device("cpu");

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** A net whose normalisations are not the identity; the caller closes it. */
  private static EncoderFile moved(ResNetShape shape) {
    EncoderFile encoder = EncoderFile.untrained(shape, 32, Map.of(), CPU);
    encoder.net().initialise(Draw.of(1, "encoder"));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      encoder.net().forward(torch.randn(4, 3, 32, 32), true);
    }
    return encoder;
  }

  private static Parameters weights(ResNetShape shape, int frozen, Normalisations kind) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    TunedResNet.layout(shape, frozen, kind, layout, "");
    layout.add("other", 1);
    return new Parameters(layout.build(), CPU, true);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, SMALL, 0, TRAINED",
    "resnet18, SMALL, 1, TRAINED",
    "resnet18, IMAGENET, 2, FROZEN",
    "resnet50, SMALL, 4, TRAINED",
    "resnet50, SMALL, 0, FROZEN"
  })
  void theLastStagePooledIsTheEncodersFeatureAndStridesAreTheShapes(
      String name, ResNetShape.Stem stem, int frozen, Normalisations kind) {
    ResNetShape shape = new ResNetShape(name, 3, stem);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = moved(shape);
        Parameters weights = weights(shape, frozen, kind);
        TunedResNet tuned = new TunedResNet((ResNet) encoder.net(), frozen, kind, weights, "")) {
      Tensor x = torch.randn(2, 3, 64, 96);
      List<Tensor> stages = tuned.stages(x);
      for (int s = 0; s < 4; s++) {
        assertThat(stages.get(s).sizes().vec().get())
            .containsExactly(
                2, shape.channels()[s], 64 / shape.strides()[s], 96 / shape.strides()[s]);
      }
      Tensor pooled = torch.adaptive_avg_pool2d(stages.get(3), new long[] {1, 1}).flatten(1, -1);
      Tensor features = encoder.net().forward(x, false);
      assertThat(pooled.sub(features).abs().max().item_double()).isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, TRAINED", "1, TRAINED", "1, FROZEN"})
  void gradientsReachEveryTrainedWeightAndScaleAndShiftOfNormalisations(
      int frozen, Normalisations kind) {
    ResNetShape shape = new ResNetShape("resnet18", 3, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = moved(shape);
        Parameters weights = weights(shape, frozen, kind);
        TunedResNet tuned = new TunedResNet((ResNet) encoder.net(), frozen, kind, weights, "")) {
      boolean scales =
          weights.layout().entries().stream().anyMatch(e -> e.name().contains(".normalised."));
      assertThat(scales).isEqualTo(kind == Normalisations.TRAINED);
      Tensor x = torch.randn(2, 3, 32, 32);
      tuned.stages(x).get(3).square().sum().backward();
      for (Parameters.Entry entry : weights.layout().entries()) {
        if (!entry.name().equals("other")) {
          assertThat(weights.get(entry.name()).grad().abs().sum().item_double())
              .as(entry.name())
              .isPositive();
        }
      }
      // A small step against the gradient lowers the sum as first order says.
      double before = tuned.stages(x).get(3).square().sum().item_double();
      double slope = weights.gradient().square().sum().item_double();
      double step = 1e-3 * before / slope;
      try (NoGradGuard guard = new NoGradGuard()) {
        weights.flat().sub_(weights.gradient().mul(new org.bytedeco.pytorch.Scalar(step)));
      }
      double after = tuned.stages(x).get(3).square().sum().item_double();
      assertThat((before - after) / before)
          .isCloseTo(1e-3, org.assertj.core.api.Assertions.within(1e-4));
    }
  }

  @Test
  void moreStagesThanThereAreAreRefused() {
    ResNetShape shape = new ResNetShape("resnet18", 3, ResNetShape.Stem.SMALL);
    assertThatThrownBy(
            () ->
                TunedResNet.layout(
                    shape, 5, Normalisations.TRAINED, Parameters.Layout.builder(), ""))
        .hasMessageContaining("5 frozen stages");
  }
}
