package dev.millrace.app.embed;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.SparkFlag;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.embed.PartitionedEmbedding;
import dev.millrace.inference.Encoder;
import dev.millrace.launch.Launcher;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.TerminalLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the vectors of a set's pictures to a file. */
@Command(
    name = "embed",
    sortOptions = false,
    description =
        "Writes the vectors that an encoder makes of a set's pictures to a file, for databases, notebooks and search.",
    footer = {
      "",
      "Killed or stopped, the same command goes on where it was. Examples:",
      "  millrace embed runs/first --data photos/ --out photos.parquet",
      "  millrace embed --weights encoder.safetensors --data cifar10 --part test --out test.npy",
      "  millrace embed runs/first --data photos/ --spark spark://HOST:7077 --out /shared/photos"
    })
public final class Embed extends ComputingCommand implements Callable<Integer> {
  @Mixin private EncoderFlags encoder;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SET",
      description = "known name, folder, archive, or `generated`; may be given several times")
  private List<String> data = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description =
          "file to write, ending in .parquet, .npy or .jsonl; with --partition or --spark a folder of Parquet files")
  private Path out;

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "all",
      description = "train, validation, test or all (default: all)")
  private String part;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "pictures of each part to use, chosen the same way every time; 0 for all (default: all)")
  private int images;

  @Option(
      names = "--size",
      paramLabel = "PX",
      description =
          "side of the pictures, at least 8 pixels (default: the encoder's; 224 for weights from elsewhere)")
  private Integer size;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description =
          "fp32 or bf16, which is about twice as fast and differs by up to 1 %% of the largest number (default: fp32)")
  private String precision = "fp32";

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      description = "share of the pictures that may fail to decode (default: 0.01)")
  private double maxBad = Embedding.MAX_BAD;

  @Option(
      names = "--keep-vectors",
      description =
          "keep the vectors in FILE.vectors: given again, the same command brings FILE up to sets that have changed and computes only what is new")
  private boolean keepVectors;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description =
          "pictures per file, rounded up to whole batches: --out is then a folder of Parquet files with _SUCCESS at the end (default with --spark: 16384)")
  private Integer partition;

  @Mixin private SparkFlag spark;

  @Mixin private LayoutFlag layout;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    EmbedProgress progress =
        new EmbedProgress(
            System.err,
            Progress.terminal() ? TerminalLine.on(System.err) : null,
            StopSignals.listen("stopping after these pictures; a second signal ends at once"));
    Embedding.Outcome outcome;
    try (progress) {
      outcome = inPartitions() ? partitioned(progress) : single(progress);
    } catch (CancellationException stopped) {
      progress.close();
      System.err.printf(
          "stopped with %d of %d pictures in %s; the same command goes on from there%n",
          progress.pictures(), progress.of(), inPartitions() ? out : Embedding.unfinished(out));
      return Exit.STOPPED;
    }
    common.print(json(outcome), lines(outcome));
    return 0;
  }

  private boolean inPartitions() {
    return partition != null || spark.master() != null;
  }

  private Embedding.Outcome single(EmbedProgress progress) throws IOException {
    return Embedding.embed(
        new Embedding.Request(
            encoder.file(spec),
            data,
            part,
            images,
            out,
            options(),
            maxBad,
            layout.folders(),
            keepVectors),
        progress);
  }

  private Embedding.Outcome partitioned(EmbedProgress progress) throws IOException {
    if (keepVectors) {
      throw UsageException.of(
          "--keep-vectors",
          "is of one file, and --partition or --spark make several; leave one out");
    }
    PartitionedEmbedding.Request request =
        new PartitionedEmbedding.Request(
            encoder.file(spec),
            data,
            part,
            images,
            out,
            options(),
            maxBad,
            layout.folders(),
            partition == null ? PartitionedEmbedding.PARTITION : partition);
    if (spark.master() == null) {
      return PartitionedEmbedding.embed(request, progress);
    }
    PartitionedEmbedding.requireFree(out);
    try (Launcher launcher =
        spark.connect(
            "embed " + out.getFileName(),
            request.options().threads(),
            PartitionedEmbedding.scratch(out),
            System.err::println,
            progress::stop)) {
      return PartitionedEmbedding.embed(request, launcher, launcher.slots(), progress);
    }
  }

  private Encoder.Options options() {
    Choice.check("--precision", precision, "bf16", "fp32");
    if (size != null && size < 8) {
      throw UsageException.of("--size", size + " is below 8 pixels");
    }
    return new Encoder.Options(
        Precision.valueOf(precision.toUpperCase(Locale.ROOT)),
        size == null ? 0 : size,
        new Device(common.device()),
        spark.master() != null && common.threadsGiven() == null
            ? 1
            : common.threads(encoder.run()));
  }

  private static Map<String, Object> json(Embedding.Outcome outcome) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("images", outcome.images());
    json.put("dim", outcome.dim());
    json.put("images_per_s", outcome.imagesPerSecond());
    json.put("out", outcome.out().toString());
    json.put("quarantined", outcome.quarantined());
    json.put("computed", outcome.computed());
    json.put("encoder_sha256", outcome.encoder());
    return json;
  }

  private List<String> lines(Embedding.Outcome outcome) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d vectors of %d numbers%s",
            outcome.images(),
            outcome.dim(),
            outcome.imagesPerSecond() == 0 // all were done before
                ? ""
                : String.format(Locale.ROOT, ", %.0f images/s", outcome.imagesPerSecond())));
    lines.add("encoder: " + outcome.encoder());
    if (outcome.quarantined() > 0) {
      lines.add(
          "left out: %s, listed in %s"
              .formatted(
                  Say.count(outcome.quarantined(), "picture"),
                  inPartitions()
                      ? PartitionedEmbedding.quarantine(outcome.out())
                      : Embedding.quarantine(outcome.out())));
    }
    lines.add("written: " + outcome.out());
    return lines;
  }
}
