package dev.millrace.app.embed;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.exchange.model.Format;
import dev.millrace.exchange.model.ModelExport;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes an encoder in a format that other programs read. */
@Command(
    name = "export",
    sortOptions = false,
    description =
        "Writes a run's encoder in a format that other programs read, once it has shown on real pictures that it computes what libtorch does, and a model card beside it.",
    footer = {
      "",
      "ONNX and TorchScript models take pixels in 0 … 1 and normalise them themselves.",
      "The card is README.md, or README-FILE.md where another README.md lies there.",
      "Example: for ONNX Runtime, and the weights alone",
      "  millrace export runs/first --format onnx",
      "  millrace export runs/first --format safetensors --out hub/model.safetensors"
    })
public final class Export extends ComputingCommand implements Callable<Integer> {
  @Mixin private EncoderFlags encoder;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "onnx, torchscript or safetensors (torchvision's names)")
  private String format;

  @Option(
      names = "--chunk",
      paramLabel = "I",
      description = "the encoder after chunk I, counted from 0 (default: the final one)")
  private String chunk;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "where to (default: beside the encoder: encoder.onnx, encoder.pt, model.safetensors; with --fp16 encoder-fp16.onnx)")
  private Path out;

  @Option(
      names = "--force",
      description = "replace the file of --out, and that of --samples, where they exist")
  private boolean force;

  @Option(
      names = "--fp16",
      description =
          "onnx: weights and convolutions in float16, input and output in float32; may differ by 1 %% of the largest feature instead of 0.0001")
  private boolean half;

  @Option(
      names = "--data",
      paramLabel = "SET",
      description =
          "set whose pictures to compare on (default: the run's; where it is not there, generated ones)")
  private String data;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "licence for the card, such as apache-2.0 (default: not stated)")
  private String license;

  @Option(
      names = "--with-subsets",
      description =
          "show in the card also answers of probes on part of the training pictures (--images), or by fewer epochs, episodes or pixels than usual")
  private boolean subsets;

  @Option(
      names = "--samples",
      paramLabel = "FILE",
      description =
          "also write the pictures compared on and libtorch's features there, as .safetensors")
  private Path samples;

  @Override
  public Integer call() throws IOException {
    if (!common.device().equals("cpu")) {
      throw UsageException.of(
          "--device", common.device() + ": models are compared on the CPU; leave it out");
    }
    ModelExport.Outcome outcome =
        ModelExport.export(
            new ModelExport.Request(
                encoder.run(),
                chunk(),
                encoder.weights(),
                Format.of(format),
                half,
                out,
                force,
                data,
                license,
                samples,
                common.computing(),
                subsets));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", outcome.out().toString());
    json.put("max_abs_difference", outcome.maxAbsDifference());
    json.put("bound", outcome.bound());
    json.put("pictures", outcome.pictures());
    json.put("data", outcome.data());
    json.put("card", outcome.card().toString());
    common.print(
        json,
        List.of(
            String.format(
                Locale.ROOT,
                "%s: differs from libtorch's features by at most %.2g (allowed: %.2g) on %d pictures: %s",
                outcome.out(),
                outcome.maxAbsDifference(),
                outcome.bound(),
                outcome.pictures(),
                outcome.data()),
            "card: " + outcome.card()));
    return 0;
  }

  private Integer chunk() {
    if (chunk != null && !chunk.matches("\\d{1,9}")) {
      throw UsageException.of(
          "--chunk", chunk + " is no number, counted from 0; leave it out for the final encoder");
    }
    return chunk == null ? null : Integer.valueOf(chunk);
  }
}
