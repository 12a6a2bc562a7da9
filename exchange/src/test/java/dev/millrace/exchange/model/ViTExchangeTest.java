package dev.millrace.exchange.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.Encoders;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of a vision transformer through what takes encoder files. */
final class ViTExchangeTest {
  private static final String SET = "generated:images=24;test=8;classes=2;size=16";

  @TempDir static Path shared;

  private static Path weights;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    try (EncoderFile encoder = Encoders.of(ViTShape.of("vit-tiny", 8, 16), 16)) {
      weights = Encoders.write(shared.resolve("encoder.safetensors"), encoder);
    }
  }

  private static Encoder.Options options(int size) {
    return new Encoder.Options(Precision.FP32, size, new Device("cpu"), 1);
  }

  @Test
  void everyFormatGivesLibtorchsFeatures() throws IOException {
    for (Format format : Format.values()) {
      for (boolean half : format == Format.ONNX ? new boolean[] {false, true} : new boolean[1]) {
        Path out = folder.resolve((half ? "half-" : "") + format);
        ModelExport.Outcome outcome =
            ModelExport.export(
                new ModelExport.Request(
                    null, null, weights, format, half, out, false, null, null, null, 1),
                new Catalogue(null, null));
        assertThat(outcome.maxAbsDifference())
            .as(out.toString())
            .isLessThanOrEqualTo(outcome.bound());
      }
    }
    assertThat(folder.resolve("safetensors")).hasSameBinaryContentAs(weights);
    assertThat(folder.resolve("README.md")).content().contains("timm.models.VisionTransformer(");
  }

  @Test
  void aSetIsEmbedded() throws IOException {
    Path out = folder.resolve("vectors.npy");
    Embedding.Outcome outcome =
        Embedding.embed(
            new Embedding.Request(weights, SET, "all", 0, out, options(0), 0.01),
            new Catalogue(null, shared),
            new Embedding.Listener() {});
    assertThat(outcome.images()).isEqualTo(32);
    assertThat(Files.size(out)).isGreaterThan(32L * 192 * 4);
  }

  @Test
  void aPictureIsFoundAmongItsSet() throws IOException {
    Path index = folder.resolve("index");
    try (PictureSearch search =
        PictureSearch.open(new PictureSearch.Request(weights, SET, index, false, options(0)))) {
      search.prepare(new PictureSearch.Listener() {});
      assertThat(search.size()).isEqualTo(32);
      assertThat(search.dim()).isEqualTo(192);
    }
  }

  @Test
  void anotherSizeIsRefusedByNameBeforeAnythingIsWritten() {
    Path out = folder.resolve("vectors.npy");
    assertThatThrownBy(
            () ->
                Embedding.embed(
                    new Embedding.Request(weights, SET, "all", 0, out, options(32), 0.01),
                    new Catalogue(null, shared),
                    new Embedding.Listener() {}))
        .hasMessageContaining("--size 32: vit-tiny sees pictures of 16 pixels only");
    assertThat(folder).isEmptyDirectory();
  }
}
