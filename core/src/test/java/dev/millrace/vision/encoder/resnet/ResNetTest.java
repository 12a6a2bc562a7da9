package dev.millrace.vision.encoder.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResNetTest {
  private static final Device CPU = new Device("cpu");

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static EncoderFile fresh(String name, int width, ResNetShape.Stem stem, long seed) {
    EncoderFile encoder =
        EncoderFile.untrained(new ResNetShape(name, width, stem), 32, Map.of(), CPU);
    encoder.net().initialise(Draw.of(seed, "encoder"));
    return encoder;
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, SMALL, 24",
    "resnet18, IMAGENET, 24",
    "resnet34, SMALL, 24",
    "resnet34, IMAGENET, 24",
    "resnet50, SMALL, 96",
    "resnet50, IMAGENET, 96"
  })
  void featuresHaveTheShapesWidth(String name, ResNetShape.Stem stem, int dim) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh(name, 3, stem, 1)) {
      Tensor features = encoder.net().forward(torch.randn(2, 3, 40, 40), false);
      assertThat(features.sizes().vec().get()).containsExactly(2, dim);
      assertThat(features.isfinite().all().item_bool()).isTrue();
      assertThat(encoder.net().spec().dim()).isEqualTo(dim);
    }
  }

  @ParameterizedTest
  @CsvSource({"resnet18, 11176512", "resnet34, 21284672", "resnet50, 23508032"})
  void theStandardNetsHaveTorchvisionsNumberOfWeights(String name, long weights) {
    var layout = dev.millrace.engine.Parameters.Layout.builder();
    ResNet.layout(new ResNetShape(name, 64, ResNetShape.Stem.IMAGENET), layout, "");
    assertThat(layout.build().size()).isEqualTo(weights);
  }

  @ParameterizedTest
  @CsvSource({"resnet18-4-small, resnet18, 4, SMALL", "resnet50-2-imagenet, resnet50, 2, IMAGENET"})
  void featuresAreThoseOfTorchInPython(String file, String name, int width, ResNetShape.Stem stem)
      throws Exception {
    Path golden =
        Path.of(getClass().getResource("/golden/encoder/" + file + ".safetensors").toURI());
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh(name, width, stem, 1)) {
      Map<String, Tensor> tensors = Safetensors.read(golden, CPU).tensors();
      encoder.net().load(tensors);
      Tensor input = tensors.get("input");
      assertThat(apart(encoder.net().forward(input, false), tensors.get("features")))
          .isLessThan(1e-4);
      assertThat(apart(encoder.net().forward(input, true), tensors.get("features.training")))
          .isLessThan(1e-3);
      assertThat(
              apart(
                  encoder.net().state().get("bn1.running_mean"),
                  tensors.get("bn1.running_mean.after")))
          .isLessThan(1e-5);
    }
  }

  @Test
  void equalSeedsGiveEqualWeightsAndOthersOthers() {
    try (PointerScope scope = new PointerScope();
        EncoderFile a = fresh("resnet18", 4, ResNetShape.Stem.SMALL, 1);
        EncoderFile b = fresh("resnet18", 4, ResNetShape.Stem.SMALL, 1);
        EncoderFile c = fresh("resnet18", 4, ResNetShape.Stem.SMALL, 2)) {
      a.net()
          .state()
          .forEach((name, tensor) -> assertThat(apart(tensor, b.net().state().get(name))).isZero());
      String name = "layer1.0.conv1.weight";
      assertThat(apart(a.net().state().get(name), c.net().state().get(name))).isGreaterThan(0.1);
      assertThat(apart(a.net().state().get(name), a.net().state().get("layer1.0.conv2.weight")))
          .isGreaterThan(0.1);
    }
  }

  @Test
  void convolutionsSpreadAsKaimingSaysForTheFanOut() {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = fresh("resnet18", 16, ResNetShape.Stem.IMAGENET, 1)) {
      Map<String, Tensor> state = encoder.net().state();
      Tensor wide = state.get("layer4.1.conv2.weight"); // 128 × 128 × 3 × 3
      assertThat(wide.std(true).item_double()).isCloseTo(Math.sqrt(2.0 / (128 * 9)), within(4e-4));
      assertThat(wide.mean().item_double()).isCloseTo(0, within(5e-4));
      Tensor stem = state.get("conv1.weight"); // 16 × 3 × 7 × 7
      assertThat(stem.std(true).item_double()).isCloseTo(Math.sqrt(2.0 / (16 * 49)), within(2e-3));
      assertThat(state.get("bn1.weight").eq(new org.bytedeco.pytorch.Scalar(1)).all().item_bool())
          .isTrue();
      assertThat(state.get("bn1.bias").abs().sum().item_double()).isZero();
    }
  }

  @Test
  void anEncoderFileGivesTheSameFeaturesAgainAndTheSameBytes() throws IOException {
    Path file = folder.resolve("encoder.safetensors");
    Path again = folder.resolve("again.safetensors");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh("resnet50", 2, ResNetShape.Stem.SMALL, 3)) {
      Tensor x = torch.randn(4, 3, 32, 32);
      encoder.net().forward(x, true); // moves the running statistics
      EncoderFile.write(file, encoder.net(), 32, Normalisation.imagenet(), Map.of("note", "x"));
      try (EncoderFile read = EncoderFile.read(file, CPU)) {
        assertThat(apart(read.net().forward(x, false), encoder.net().forward(x, false))).isZero();
        assertThat(read.size()).isEqualTo(32);
        assertThat(read.metadata()).containsEntry("note", "x");
        EncoderFile.write(again, read.net(), 32, Normalisation.imagenet(), Map.of("note", "x"));
      }
    }
    assertThat(again).hasSameBinaryContentAs(file);
  }

  @Test
  void otherFilesAndWeightsOfOtherShapesAreRefused() throws IOException {
    Path file = folder.resolve("x.safetensors");
    try (PointerScope scope = new PointerScope();
        EncoderFile narrow = fresh("resnet18", 2, ResNetShape.Stem.SMALL, 1);
        EncoderFile wide = fresh("resnet18", 3, ResNetShape.Stem.SMALL, 1)) {
      assertThatThrownBy(() -> wide.net().load(narrow.net().state()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("conv1.weight is [2, 3, 3, 3], expected [3, 3, 3, 3]");
      Safetensors.write(file, narrow.net().state(), Map.of());
      assertThatThrownBy(() -> EncoderFile.read(file, CPU))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not an encoder file");
    }
    assertThatThrownBy(() -> new ResNetShape("resnet19", 4, ResNetShape.Stem.SMALL))
        .hasMessageContaining("resnet19");
  }

  private static double apart(Tensor a, Tensor b) {
    return a.detach().sub(b.detach()).abs().max().item_double();
  }
}
