package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExportIT {
  @TempDir private static Path folder;

  private static Path run;

  @BeforeAll
  static void copy() throws Exception {
    run = Tiny.trained(folder.resolve("run"));
  }

  @Test
  void aRunsEncoderBecomesAnOnnxModelOnceAndTheCardSaysHowToLoadIt() throws Exception {
    String[] onnx = {
      "export", run.toString(), "--format", "onnx", "--license", "mit", "--threads", "1", "--json"
    };
    JsonNode json = Command.done(onnx).json();
    Path out = run.resolve("encoder.onnx");
    assertThat(json.path("out").asText()).isEqualTo(out.toString());
    assertThat(json.path("max_abs_difference").asDouble()).isBetween(0.0, 1e-4);
    assertThat(json.path("data").asText()).isEqualTo("generated");
    assertThat(Files.readString(run.resolve("README.md")))
        .contains("license: mit", "InferenceSession(\"encoder.onnx\")");
    Command.Ended again = Command.run(onnx);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("--out " + out + " exists already", "give --force");
  }

  @Test
  void aChunksEncoderBecomesATorchScriptModuleWhereItIsAsked() throws Exception {
    Path out = folder.resolve("elsewhere/first.pt");
    Command.Ended ended =
        Command.done(
            "export",
            run.toString(),
            "--format",
            "torchscript",
            "--chunk",
            "0",
            "--out",
            out.toString(),
            "--threads",
            "1");
    assertThat(ended.out())
        .contains(out + ": differs from libtorch's features by at most", "card: ");
    assertThat(out).isRegularFile();
    assertThat(out.resolveSibling("README.md")).content().contains("up to chunk 1 of 2");
  }
}
