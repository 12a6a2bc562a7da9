package dev.millrace.vision.encoder.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderWeightsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path PLAIN = GOLDEN.resolve("state-dict/resnet18-1.safetensors");
  private static final Device CPU = new Device("cpu");
  private static final ResNetShape TINY = new ResNetShape("resnet18", 1, ResNetShape.Stem.SMALL);

  @TempDir Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private Path written(Path file) throws IOException {
    Path to = folder.resolve(file.getFileName() + ".encoder");
    EncoderWeights.of(file)
        .write(to, TINY, 16, Normalisation.imagenet(), Map.of("about", "nothing"));
    return to;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resnet18-1-classifier.pth | fc.weight, fc.bias",
        "resnet18-1-moco.pth.tar | module.encoder_q.fc.0.weight, module.encoder_k.conv1.weight",
        "resnet18-1-solo.ckpt | momentum_backbone.conv1.weight, classifier.weight, projector.0.weight",
      })
  void theEncoderIsTheSameHoweverAScriptWrapsIt(String name, String leftOut) throws IOException {
    Path file = GOLDEN.resolve("state-dict").resolve(name);
    EncoderWeights weights = EncoderWeights.of(file);
    assertThat(weights.spec()).isEqualTo(TINY);
    assertThat(weights.leftOut()).contains(leftOut.split(", "));
    assertThat(weights.told(TINY)).contains("resnet18 of width 1", "left out: ");
    assertThat(written(file)).hasSameBinaryContentAs(written(PLAIN));
  }

  @Test
  void thatTheStemsPaddingIsAssumedIsSaidOfOthersSmallStemsAlone() throws IOException {
    assertThat(EncoderWeights.of(PLAIN).told(TINY)).contains("taken to have a padding of 1");
    assertThat(EncoderWeights.of(written(PLAIN)).told(TINY)).doesNotContain("padding");
    ResNetShape large = new ResNetShape("resnet50", 2, ResNetShape.Stem.IMAGENET);
    assertThat(large.assumed()).isEmpty();
  }

  @Test
  void weightsInHalfPrecisionAreReadToo() throws IOException {
    Path file = GOLDEN.resolve("state-dict/resnet18-1-half.pth");
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> half = EncoderWeights.of(file).tensors(TINY);
      Map<String, Tensor> single = EncoderWeights.of(PLAIN).tensors(TINY);
      for (String name : single.keySet()) {
        assertThat(half.get(name).allclose(single.get(name), 1e-3, 1e-6, false)).as(name).isTrue();
      }
    }
  }

  @Test
  void whatIsWrittenIsTheEncoderFileOfTheSameNet() throws IOException {
    Path kept = written(PLAIN);
    Path again = folder.resolve("again");
    try (EncoderFile file = EncoderFile.read(kept, CPU)) {
      EncoderFile.write(
          again, file.net(), 16, Normalisation.imagenet(), Map.of("about", "nothing"));
    }
    assertThat(again).hasSameBinaryContentAs(kept);
  }

  @ParameterizedTest
  @CsvSource({
    "encoder/resnet18-4-small.safetensors, resnet18, 4, SMALL",
    "encoder/resnet50-2-imagenet.safetensors, resnet50, 2, IMAGENET",
    "state-dict/resnet18-1-half.pth, resnet18, 1, SMALL",
  })
  void aFileThatSaysNothingOfItselfTellsItsShapeByItsTensors(
      Path file, String name, int width, ResNetShape.Stem stem) throws IOException {
    try (EncoderFile encoder = EncoderFile.read(netOf(GOLDEN.resolve(file)), 48, CPU)) {
      assertThat(encoder.net().spec()).isEqualTo(new ResNetShape(name, width, stem));
      assertThat(encoder.size()).isEqualTo(48);
      assertThat(encoder.metadata()).containsEntry("mean", "[0.485, 0.456, 0.406]");
    }
  }

  @Test
  void namesOfLayersHaveTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      Path file = netOf(GOLDEN.resolve("encoder/resnet18-4-small.safetensors"));
      assertThat(EncoderWeights.of(file).spec())
          .isEqualTo(new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL));
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void itsFeaturesAreThoseOfTheNetItCameFrom() throws IOException {
    Path file = GOLDEN.resolve("encoder/resnet50-2-imagenet.safetensors");
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = EncoderFile.read(netOf(file), 33, CPU)) {
      Map<String, Tensor> golden = Safetensors.read(file, CPU).tensors();
      Tensor features = encoder.net().forward(golden.get("input"), false);
      assertThat(features.allclose(golden.get("features"), 1e-4, 1e-5, false)).isTrue();
    }
  }

  @Test
  void aFileThatKnowsItsSizeKeepsIt() throws IOException {
    try (EncoderFile encoder = EncoderFile.read(written(PLAIN), 48, CPU)) {
      assertThat(encoder.size()).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resnet18 | 2 | SMALL | conv1.weight is [1, 3, 3, 3], expected [2, 3, 3, 3]",
        "resnet18 | 1 | IMAGENET | 1 tensors are of another shape or kind (conv1.weight is [1, 3, 3, 3], expected [1, 3, 7, 7])",
        "resnet34 | 1 | SMALL | 80 tensors are missing (layer1.2.conv1.weight",
        "resnet50 | 1 | SMALL | missing (layer1.0.conv3.weight",
      })
  void weightsOfAnotherShapeAreRefusedWithTheFlagsThatFit(
      String name, int width, ResNetShape.Stem stem, String fault) throws IOException {
    EncoderWeights weights = EncoderWeights.of(PLAIN);
    assertThatThrownBy(() -> weights.requireFit(new ResNetShape(name, width, stem), "--init"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--init " + PLAIN)
        .hasMessageContaining(fault)
        .hasMessageContaining("`--encoder resnet18 --width 1 --stem small` fits this file");
    weights.requireFit(TINY, "--init");
  }

  @Test
  void aDeeperNetIsNotTakenForAShallowerOne() throws IOException {
    Path file = folder.resolve("deep.safetensors");
    write(file, "resnet34", Map.of());
    assertThatThrownBy(() -> EncoderWeights.of(file).requireFit(TINY, "--init"))
        .hasMessageContaining("unexpected (layer1.2.bn1.bias")
        .hasMessageContaining("`--encoder resnet34 --width 1 --stem small` fits this file");
  }

  @Test
  void networksThatAreNotKnownAreRefused() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path squeeze = folder.resolve("squeeze.safetensors");
      write(squeeze, "resnet18", Map.of("layer1.0.se.fc1.weight", torch.zeros(1, 1)));
      assertThatThrownBy(() -> EncoderWeights.of(squeeze).spec())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("1 tensors are unexpected (layer1.0.se.fc1.weight)");
      Path longer = folder.resolve("longer.safetensors");
      write(longer, "resnet18", Map.of("layer3.2.conv1.weight", torch.zeros(4, 4, 3, 3)));
      assertThatThrownBy(() -> EncoderWeights.of(longer).spec())
          .hasMessageContaining("stages of [2, 2, 3, 2] blocks of 2 convolutions");
    }
    assertThatThrownBy(() -> EncoderWeights.of(GOLDEN.resolve("state-dict/kinds.pth")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds no encoder that is known")
        .hasMessageContaining("single, double, half");
  }

  @Test
  void weightsThatAreNotFiniteOrNoFloatsAreRefused() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path spoiled = folder.resolve("nan.safetensors");
      Tensor nan = torch.zeros(1).fill_(new Scalar(Float.NaN));
      write(spoiled, "resnet18", Map.of("bn1.bias", nan));
      assertThatThrownBy(() -> EncoderWeights.of(spoiled).tensors(TINY))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("bn1.bias holds NaN");
      assertThatThrownBy(() -> written(spoiled)).hasMessageContaining("bn1.bias holds NaN");
      assertThat(folder.resolve("nan.safetensors.encoder")).doesNotExist();
      Path numbers = folder.resolve("numbers.safetensors");
      Tensor whole = torch.zeros(1).to(torch.ScalarType.Long);
      write(numbers, "resnet18", Map.of("bn1.bias", whole));
      assertThatThrownBy(() -> EncoderWeights.of(numbers).requireFit(TINY, "--init"))
          .hasMessageContaining("bn1.bias is of type I64, expected float32")
          .hasMessageContaining("no --encoder fits this file");
    }
  }

  /** Golden files of networks hold what a network has and what it gave; the first alone. */
  private Path netOf(Path golden) throws IOException {
    if (!golden.startsWith(GOLDEN.resolve("encoder"))) {
      return golden;
    }
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(Safetensors.read(golden, CPU).tensors());
      tensors.remove("bn1.running_mean.after");
      Path file = folder.resolve("net.safetensors");
      Safetensors.write(file, tensors, Map.of());
      return file;
    }
  }

  private static void write(Path file, String name, Map<String, Tensor> more) throws IOException {
    ResNetShape shape = new ResNetShape(name, 1, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = EncoderFile.untrained(shape, 16, Map.of(), CPU)) {
      encoder.net().initialise(Draw.of(1, "encoder"));
      Map<String, Tensor> tensors = new LinkedHashMap<>(encoder.net().state());
      tensors.putAll(more);
      Safetensors.write(file, tensors, Map.of());
    }
  }
}
