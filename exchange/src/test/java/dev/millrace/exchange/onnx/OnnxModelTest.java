package dev.millrace.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Precision;
import dev.millrace.exchange.Encoders;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxModelTest {
  private static final ResNetShape SMALL = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);

  @TempDir private Path folder;

  private Path write(EncoderFile encoder, OnnxModel.Arithmetic arithmetic) throws IOException {
    Path file = folder.resolve(arithmetic + ".onnx");
    try (FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      OnnxModel.write(
          file, net, encoder.normalisation(), arithmetic, Map.of("who", "me", "a", "first"));
    }
    return file;
  }

  private static ModelProto read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ModelProto.parseFrom(in);
    }
  }

  @Test
  void picturesOfAnyNumberAndSizeGiveLibtorchsFeatures() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32);
        PointerScope scope = new PointerScope();
        OnnxSession session = new OnnxSession(write(encoder, OnnxModel.Arithmetic.FLOAT32), 1)) {
      for (long[] s : new long[][] {{1, 32, 32}, {3, 32, 32}, {2, 17, 40}, {5, 9, 8}}) {
        Tensor pixels = Encoders.pixels(s[0], s[1], s[2]);
        assertThat(Encoders.apart(session.features(pixels), Encoders.truth(encoder, pixels)))
            .as(List.of(s[0], s[1], s[2]).toString())
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void halfPrecisionHalvesTheWeightsAndKeepsInputAndOutputSingle() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32);
        PointerScope scope = new PointerScope()) {
      Path single = write(encoder, OnnxModel.Arithmetic.FLOAT32);
      Path half = write(encoder, OnnxModel.Arithmetic.FLOAT16);
      assertThat(Files.size(half)).isLessThan(Files.size(single) * 6 / 10);
      ModelProto model = read(half);
      int floats = TensorProto.DataType.FLOAT.getNumber();
      assertThat(model.getGraph().getInput(0).getType().getTensorType().getElemType())
          .isEqualTo(floats);
      assertThat(model.getGraph().getOutput(0).getType().getTensorType().getElemType())
          .isEqualTo(floats);
      assertThat(model.getGraph().getInitializerList())
          .filteredOn(weight -> weight.getDataType() == floats)
          .extracting(TensorProto::getName)
          .containsExactlyInAnyOrder("mean", "std");
      Tensor pixels = Encoders.pixels(3, 32, 32);
      Tensor truth = Encoders.truth(encoder, pixels);
      try (OnnxSession session = new OnnxSession(half, 1)) {
        assertThat(Encoders.apart(session.features(pixels), truth))
            .isBetween(1e-7, 0.01 * truth.abs().max().item_double());
      }
    }
  }

  @Test
  void theFileSaysWhatItIs() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32)) {
      Path file = write(encoder, OnnxModel.Arithmetic.FLOAT32);
      ModelProto model = read(file);
      assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(17);
      assertThat(model.getProducerName()).isEqualTo("Millrace");
      assertThat(model.getMetadataPropsList())
          .extracting(onnx.Onnx.StringStringEntryProto::getKey)
          .containsExactly("a", "who");
      assertThat(model.getGraph().getNodeList())
          .extracting(onnx.Onnx.NodeProto::getOpType)
          .doesNotContain("BatchNormalization");
      try (OnnxSession session = new OnnxSession(file, 1)) {
        assertThat(session.about()).containsEntry("who", "me");
      }
    }
  }

  @Test
  void aBrokenFileIsRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.onnx"), "no model");
    assertThatThrownBy(() -> new OnnxSession(file, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ONNX Runtime refuses")
        .hasMessageContaining("broken.onnx");
  }

  @Test
  void picturesOfAnotherShapeAreRefusedInOnnxRuntimesWords() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32);
        PointerScope scope = new PointerScope();
        OnnxSession session = new OnnxSession(write(encoder, OnnxModel.Arithmetic.FLOAT32), 1)) {
      assertThatThrownBy(() -> session.features(Encoders.pixels(3, 8, 8).view(9, 1, 8, 8)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ONNX Runtime cannot run the model");
    }
  }

  @Test
  void moreThanTheFormatHoldsIsRefusedWithWhatHoldsIt() {
    assertThatCode(() -> OnnxGraph.requireRoom((2L << 30) - (2L << 20))).doesNotThrowAnyException();
    assertThatThrownBy(() -> OnnxGraph.requireRoom(2L << 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--format onnx ends at 2 GiB")
        .hasMessageContaining("torchscript or safetensors");
  }
}
