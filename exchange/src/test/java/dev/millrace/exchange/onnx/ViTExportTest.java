package dev.millrace.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Precision;
import dev.millrace.exchange.Encoders;
import dev.millrace.exchange.torchscript.ScriptModel;
import dev.millrace.exchange.torchscript.ScriptSession;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vision transformer in formats of others, of any number of pictures of its size. */
final class ViTExportTest {
  private static final ViTShape SMALL = new ViTShape("vit-tiny", 48, 3, 3, 4, 16);

  @TempDir private Path folder;

  private Path onnx(EncoderFile encoder, OnnxModel.Arithmetic arithmetic) throws IOException {
    Path file = folder.resolve(arithmetic + ".onnx");
    try (FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      OnnxModel.write(file, net, encoder.normalisation(), arithmetic, Map.of());
    }
    return file;
  }

  @Test
  void onnxRuntimeGivesLibtorchsFeatures() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 16);
        PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        OnnxSession session = new OnnxSession(onnx(encoder, OnnxModel.Arithmetic.FLOAT32), 1)) {
      for (int n : new int[] {1, 5}) {
        Tensor pixels = Encoders.pixels(n, 16, 16);
        assertThat(Encoders.apart(session.features(pixels), Encoders.truth(encoder, pixels)))
            .isLessThan(1e-5);
      }
      assertThatThrownBy(() -> session.features(Encoders.pixels(1, 24, 24)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("16");
    }
  }

  @Test
  void halfPrecisionHalvesTheWeightsAndIsNear() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 16);
        PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Path half = onnx(encoder, OnnxModel.Arithmetic.FLOAT16);
      assertThat(Files.size(half))
          .isLessThan(Files.size(onnx(encoder, OnnxModel.Arithmetic.FLOAT32)) * 6 / 10);
      Tensor pixels = Encoders.pixels(3, 16, 16);
      Tensor truth = Encoders.truth(encoder, pixels);
      try (OnnxSession session = new OnnxSession(half, 1)) {
        assertThat(Encoders.apart(session.features(pixels), truth))
            .isBetween(1e-7, 0.01 * truth.abs().max().item_double());
      }
    }
  }

  @Test
  void torchScriptGivesLibtorchsFeatures() throws IOException {
    Path file = folder.resolve("encoder.pt");
    try (EncoderFile encoder = Encoders.of(SMALL, 16);
        PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      ScriptModel.write(file, net, encoder.normalisation(), Map.of());
      try (ScriptSession session = new ScriptSession(file)) {
        for (int n : new int[] {1, 5}) {
          Tensor pixels = Encoders.pixels(n, 16, 16);
          assertThat(Encoders.apart(session.features(pixels), Encoders.truth(encoder, pixels)))
              .isLessThan(1e-5);
        }
      }
    }
  }
}
