package dev.millrace.app;

import dev.millrace.recipe.Millrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** New data arrived: appends a chunk to a finished run. */
@Command(
    name = "extend",
    sortOptions = false,
    description =
        "Appends a chunk of new data to a finished run, with all its state; equals one run over the longer stream.")
final class Extend extends Shared implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "folder of the finished run")
  private Path run;

  @Option(names = "--data", required = true, paramLabel = "SET", description = "the new data")
  private String data;

  @Mixin private LayoutFlag layout;

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      description =
          "share of a chunk's pictures that may fail to decode, from now on; not below what the run allows")
  private Double maxBad;

  @Override
  public Integer call() throws IOException {
    Resume.refuseOther(run, common);
    Millrace.Outcome outcome;
    try (Progress progress = Progress.onStderr()) {
      outcome = Millrace.extend(run, data, layout.given(), maxBad, progress, StopSignals.listen());
    }
    return Report.print(outcome, common);
  }
}
