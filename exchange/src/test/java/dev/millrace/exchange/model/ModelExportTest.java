package dev.millrace.exchange.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.exchange.Encoders;
import dev.millrace.file.Finding;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ModelExportTest {
  private static final ResNetShape SMALL = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);

  @TempDir private Path folder;

  private Path encoder(ResNetShape shape, int size) throws IOException {
    try (EncoderFile encoder = Encoders.of(shape, size)) {
      return Encoders.write(folder.resolve("encoder.safetensors"), encoder);
    }
  }

  private static ModelExport.Outcome export(Path weights, Format format, Path out)
      throws IOException {
    return ModelExport.export(
        new ModelExport.Request(
            null, null, weights, format, false, out, false, null, null, null, 1),
        new Catalogue(null, null));
  }

  private static ModelExport.Outcome half(Path weights, Path out) throws IOException {
    return ModelExport.export(
        new ModelExport.Request(
            null, null, weights, Format.ONNX, true, out, false, null, null, null, 1),
        new Catalogue(null, null));
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 4, SMALL, 32",
    "resnet18, 16, SMALL, 16", // oneDNN computes widths that are multiples of 16
    "resnet18, 3, IMAGENET, 64",
    "resnet34, 2, SMALL, 16",
    "resnet50, 2, SMALL, 16",
    "resnet50, 2, IMAGENET, 64"
  })
  void everyShapeGivesLibtorchsFeaturesInEveryFormat(
      String name, int width, ResNetShape.Stem stem, int size) throws IOException {
    Path weights = encoder(new ResNetShape(name, width, stem), size);
    for (Format format : Format.values()) {
      ModelExport.Outcome outcome = export(weights, format, null);
      assertThat(outcome.maxAbsDifference()).as(format.toString()).isLessThan(1e-4);
      assertThat(outcome.bound()).isEqualTo(1e-4);
      assertThat(outcome.pictures()).isEqualTo(17);
      assertThat(outcome.data()).startsWith("generated");
      assertThat(outcome.out()).isRegularFile().hasParent(folder);
    }
    ModelExport.Outcome outcome = half(weights, null);
    assertThat(outcome.maxAbsDifference()).isBetween(1e-7, outcome.bound());
    assertThat(names(folder))
        .containsExactly(
            "README.md",
            "encoder-fp16.onnx",
            "encoder-fp16.onnx.sha256",
            "encoder.onnx",
            "encoder.onnx.sha256",
            "encoder.pt",
            "encoder.pt.sha256",
            "encoder.safetensors",
            "model.safetensors",
            "model.safetensors.sha256");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void equalEncodersGiveEqualBytesUnderAnyName(Format format) throws IOException {
    Path weights = encoder(SMALL, 16);
    Path one = export(weights, format, folder.resolve("one.bin")).out();
    Path two = export(weights, format, folder.resolve("deeper/two.bin")).out();
    assertThat(two).hasSameBinaryContentAs(one);
  }

  @Test
  void exportedWeightsAreAnEncoderOfMillraceAgain() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path out = export(weights, Format.SAFETENSORS, null).out();
    assertThat(out).hasSameBinaryContentAs(weights);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void aChangedByteOfAModelIsFoundByTheChecksumBesideItWhichGoesWithIt(Format format)
      throws IOException {
    Path out = export(encoder(SMALL, 16), format, null).out();
    assertThat(ModelExport.examine(out)).singleElement().matches(Finding::ok);
    byte[] bytes = Files.readAllBytes(out);
    bytes[bytes.length / 3] ^= 1;
    Files.write(out, bytes);
    assertThat(ModelExport.examine(out))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.ok()).isFalse();
              assertThat(one.file()).isEqualTo(out.getFileName().toString());
              assertThat(one.mend()).isEqualTo("export it again with --force");
            });
    ModelExport.export(
        new ModelExport.Request(
            null, null, weights(), format, false, out, true, null, null, null, 1),
        new Catalogue(null, null));
    assertThat(ModelExport.examine(out)).singleElement().matches(Finding::ok);
  }

  private Path weights() {
    return folder.resolve("encoder.safetensors");
  }

  @Test
  void whatAHaltedExportLeftBesideItsOutputIsSweptByTheNext() throws Exception {
    Path weights = encoder(SMALL, 16);
    Path out = folder.resolve("x.onnx");
    Process halted =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Halted.class.getName(),
                weights.toString(),
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(halted.waitFor()).isEqualTo(9);
    assertThat(names(folder)).hasSize(2).anyMatch(name -> name.startsWith(".millrace-export-"));
    export(weights, Format.ONNX, out);
    assertThat(names(folder))
        .containsExactly("README.md", "encoder.safetensors", "x.onnx", "x.onnx.sha256");
  }

  /** Ends in the middle of an export, as a hard exit does. */
  static final class Halted {
    public static void main(String[] args) throws IOException {
      Natives.load();
      EncoderFile encoder = EncoderFile.read(Path.of(args[0]), new Device("cpu"));
      Candidate.write(encoder, Format.ONNX, false, Map.of(), Path.of(args[1]));
      Runtime.getRuntime().halt(9);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Format.class,
      names = {"ONNX", "TORCHSCRIPT"})
  void aModelThatDisagreesIsNeverThere(Format format) throws IOException {
    Path weights = folder.resolve("encoder.safetensors");
    try (EncoderFile encoder = Encoders.of(SMALL, 16)) {
      // Features so large that single precision itself is coarser than the bound.
      Encoders.change(encoder, "layer4.1.bn2.weight", t -> t.mul_(new Scalar(1e6)));
      Encoders.write(weights, encoder);
    }
    assertThatThrownBy(() -> export(weights, format, null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("would disagree with libtorch")
        .hasMessageContaining("on 17 pictures of generated")
        .hasMessageContaining("nothing was written");
    assertThat(names(folder)).containsExactly("encoder.safetensors");
  }

  @Test
  void featuresThatAreNoNumbersAreNoAgreement() throws IOException {
    Path weights = folder.resolve("encoder.safetensors");
    try (EncoderFile encoder = Encoders.of(SMALL, 16)) {
      Encoders.change(encoder, "conv1.weight", t -> t.fill_(new Scalar(Double.NaN)));
      Encoders.write(weights, encoder);
    }
    assertThatThrownBy(() -> export(weights, Format.ONNX, null))
        .hasMessageContaining("would disagree with libtorch");
  }

  @Test
  void weightsBeyondHalfPrecisionAreRefusedByName() throws IOException {
    Path weights = folder.resolve("encoder.safetensors");
    try (EncoderFile encoder = Encoders.of(SMALL, 16)) {
      Encoders.change(encoder, "layer3.0.conv1.weight", t -> t.mul_(new Scalar(1e9)));
      Encoders.write(weights, encoder);
    }
    assertThatThrownBy(() -> half(weights, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--fp16 cannot hold this encoder: layer3.0.conv1.weight has values beyond ±65504; export it in single precision, without --fp16");
    assertThat(names(folder)).containsExactly("encoder.safetensors");
  }

  @Test
  void filesThatAreThereStayUnlessForced() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path out = Files.writeString(folder.resolve("mine.onnx"), "mine");
    assertThatThrownBy(() -> export(weights, Format.ONNX, out))
        .hasMessage(
            "--out %s exists already, of this encoder or of one before it; give --force to replace it, or another path",
            out);
    Path samples = Files.writeString(folder.resolve("mine.safetensors"), "mine");
    assertThatThrownBy(() -> all(weights, out.resolveSibling("new.onnx"), false, samples))
        .hasMessageStartingWith("--samples " + samples + " exists already");
    assertThat(out).hasContent("mine");
    assertThat(samples).hasContent("mine");
    all(weights, out, true, samples);
    assertThat(Files.size(out)).isGreaterThan(10_000);
    assertThat(Files.size(samples)).isGreaterThan(10_000);
  }

  private static ModelExport.Outcome all(Path weights, Path out, boolean force, Path samples)
      throws IOException {
    return ModelExport.export(
        new ModelExport.Request(
            null, null, weights, Format.ONNX, false, out, force, null, "mit", samples, 1),
        new Catalogue(null, null));
  }

  @Test
  void theEncoderItselfAndFoldersAreNeverReplaced() throws IOException {
    Path weights = encoder(SMALL, 16);
    assertThatThrownBy(() -> all(weights, weights, true, null))
        .hasMessage("--out %s is the encoder itself; choose another path", weights);
    assertThatThrownBy(() -> all(weights, folder, true, null))
        .hasMessage("--out %s is a folder; give the path of a file in it", folder);
  }

  @Test
  void samplesAreThePicturesAndWhatLibtorchMakesOfThem() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path samples = folder.resolve("samples.safetensors");
    all(weights, null, false, samples);
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = EncoderFile.read(weights, new Device("cpu"))) {
      var tensors = Safetensors.read(samples, new Device("cpu")).tensors();
      assertThat(tensors).containsOnlyKeys("features", "pixels");
      var pixels = tensors.get("pixels");
      assertThat(pixels.min().item_double()).isGreaterThanOrEqualTo(0);
      assertThat(pixels.max().item_double()).isBetween(0.5, 1.0);
      assertThat(Encoders.apart(tensors.get("features"), Encoders.truth(encoder, pixels)))
          .isLessThan(1e-5);
    }
  }

  @Test
  void wrongRequestsAreRefusedBeforeAnythingIsWritten() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path none = folder.resolve("none");
    refused("--weights is not given, and no RUN either", null, null, null, null);
    refused("are two encoders; name one of them", none, null, weights, null);
    refused("--chunk 1 is of a run", null, 1, weights, null);
    refused("is no file; give an encoder.safetensors", null, null, none, null);
    refused("is not a run: it has no run.yaml", none, null, null, null);
    refused("--data nonsense is neither a known set nor a path", null, null, weights, "nonsense");
    refused("--data cifar10 is not here", null, null, weights, "cifar10");
    assertThatThrownBy(() -> Format.of("onx"))
        .hasMessageContaining("--format onx is unknown")
        .hasMessageContaining("nearest: onnx");
    assertThatThrownBy(
            () ->
                new ModelExport.Request(
                    null,
                    null,
                    weights,
                    Format.TORCHSCRIPT,
                    true,
                    null,
                    false,
                    null,
                    null,
                    null,
                    1))
        .hasMessageStartingWith("--fp16 is for --format onnx, found --format torchscript");
    assertThatThrownBy(
            () ->
                new ModelExport.Request(
                    null,
                    null,
                    weights,
                    Format.ONNX,
                    false,
                    null,
                    false,
                    null,
                    "my own: terms",
                    null,
                    1))
        .hasMessageStartingWith("--license my own: terms is no identifier");
    assertThat(names(folder)).containsExactly("encoder.safetensors");
  }

  private static void refused(String words, Path run, Integer chunk, Path weights, String data) {
    assertThatThrownBy(
            () ->
                ModelExport.export(
                    new ModelExport.Request(
                        run, chunk, weights, Format.ONNX, false, null, false, data, null, null, 1),
                    new Catalogue(null, null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void aSetWithoutAPictureThatDecodesIsRefused() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path set = Files.createDirectory(folder.resolve("set"));
    Files.writeString(set.resolve("a.png"), "no picture");
    refused(": none of 1 pictures can be decoded: a.png", null, null, weights, set.toString());
  }

  @Test
  void aReadmeOfTheUsersStays() throws IOException {
    Path weights = encoder(SMALL, 16);
    Path readme = Files.writeString(folder.resolve("README.md"), "# Mine\n");
    ModelExport.Outcome outcome = export(weights, Format.ONNX, null);
    assertThat(outcome.card()).hasFileName("README-encoder.onnx.md").isRegularFile();
    assertThat(readme).hasContent("# Mine");
  }
}
