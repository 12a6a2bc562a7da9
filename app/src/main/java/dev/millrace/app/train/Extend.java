package dev.millrace.app.train;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.SetNames;
import dev.millrace.exchange.Exported;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** New data arrived: appends a chunk to a finished run. */
@Command(
    name = "extend",
    sortOptions = false,
    description =
        "Appends a chunk of new data to a finished run, with all its state; equals one run over the longer stream.")
public class Extend extends ComputingCommand implements Callable<Integer> {
  private static final String RUNS = " (default: the run's)";

  @Spec CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "folder of the finished run")
  Path run;

  @Option(names = "--data", required = true, paramLabel = "SET", description = "the new data")
  String data;

  @Mixin private LayoutFlag layout;

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      description =
          "share of a chunk's pictures that may fail to decode, from now on; not below what the run allows")
  private Double maxBad;

  @Option(
      names = "--new-only",
      description =
          "learn only the pictures of the set that no chunk of the run has seen, by their names in it: for a folder that has grown")
  private boolean newOnly;

  @Option(names = "--epochs", paramLabel = "N", description = "epochs of the new chunk" + RUNS)
  private Integer epochs;

  @Option(names = "--batch", paramLabel = "N", description = "its pictures per step" + RUNS)
  private Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description =
          "its learning rate; at a constant rate (--schedule wsd) that of later chunks, too" + RUNS)
  private Double lr;

  @Option(
      names = "--warmup",
      paramLabel = "X",
      description = "its epochs of warm-up (of --schedule restart, or of a new head)" + RUNS)
  private Double warmup;

  @Mixin private GuardFlags guard;

  @Mixin KeepingFlags keeping;

  @Mixin RankFlags ranks;

  /** Whether the run has begun to be extended, from now on. */
  GangRun.Begun longer() throws IOException {
    int before = Settings.ofRun(run).stream().chunks();
    return () -> Settings.ofRun(run).stream().chunks() > before;
  }

  @Override
  public Integer call() throws IOException {
    List<String> sets = SetNames.split(data);
    if (sets.size() > 1) {
      throw UsageException.of(
          "--data",
          "is %d sets, %s; extend takes one at a time, each a chunk"
              .formatted(sets.size(), String.join(" and ", sets)));
    }
    Extension extension =
        Extension.of(sets.get(0))
            .withLayout(layout.given())
            .withMaxBad(maxBad)
            .onlyNew(newOnly)
            .with("epochs", epochs)
            .with("batch", batch)
            .with("lr", lr)
            .with("warmup", warmup)
            .with("threads", common.threadsGiven())
            .with("device", common.deviceGiven());
    for (Map.Entry<String, Object> one : keeping.given().entrySet()) {
      extension = extension.with(one.getKey(), one.getValue());
    }
    Extension all = extension;
    Millrace.Outcome outcome;
    int count = keeping.ranks(run);
    if (ranks.mind(count)) {
      return ranks.mind(spec.commandLine().getParseResult().originalArgs(), longer(), run, common);
    }
    GangRun.Begun longer = RunFolder.of(run).isRun() ? longer() : () -> false;
    try (Progress progress = Progress.onStderr()) {
      outcome =
          guard.extending(
              run,
              () ->
                  ranks.learn(
                      count,
                      longer,
                      run,
                      (met, stop) ->
                          Millrace.extend(run, all, Catalogue.standard(), met, progress, stop)));
    }
    for (Path file : outcome.stopped() ? List.<Path>of() : Exported.older(run)) {
      System.err.printf(
          "%s is of an encoder before this one; make it anew to have this one's%n", file);
    }
    return Report.print(outcome, count, common);
  }
}
