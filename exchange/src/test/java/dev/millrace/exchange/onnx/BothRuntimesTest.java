package dev.millrace.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Precision;
import dev.millrace.exchange.Encoders;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BothRuntimesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "torch"})
  void onnxRuntimeAndLibtorchShareAFreshProcessWhicheverIsLoadedFirst(String first)
      throws Exception {
    Path model = folder.resolve("model.onnx");
    try (EncoderFile encoder =
            Encoders.of(new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL), 16);
        FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      OnnxModel.write(model, net, encoder.normalisation(), OnnxModel.Arithmetic.FLOAT32, Map.of());
    }
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                BothRuntimes.class.getName(),
                first,
                model.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    int code = process.waitFor();
    String words = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(code).as(words).isZero();
    assertThat(words.lines().filter(line -> line.equals("4 true"))).hasSize(3);
  }
}
