package dev.millrace.app.train;

import dev.millrace.app.shared.CommonFlags;
import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Progress;
import dev.millrace.engine.Device;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues a run from its last checkpoint; on a finished run prints its result again. */
@Command(
    name = "resume",
    aliases = "continue",
    sortOptions = false,
    description =
        "Continues a run from its last checkpoint, after a stop, a crash or kill -9; the result is the same to the bit.")
public class Resume extends ComputingCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "folder of the run")
  Path run;

  @Option(
      names = "--data-from",
      paramLabel = "SET=PLACE",
      description =
          "where a set of the run lies now, if it was moved or copied, to or from s3:// too; noted for all commands that open it")
  private Map<String, String> moved = Map.of();

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      description =
          "share of a chunk's pictures that may fail to decode, from now on; not below what the run allows")
  private Double maxBad;

  @Mixin KeepingFlags keeping;

  @Mixin RankFlags ranks;

  @Override
  public Integer call() throws IOException {
    refuseOther(run, common);
    noteMoves();
    Millrace.Outcome outcome;
    int count = keeping.ranks(run);
    if (ranks.mind(count)) {
      return ranks.mind(
          spec.commandLine().getParseResult().originalArgs(), () -> false, run, common);
    }
    try (Progress progress = Progress.onStderr()) {
      outcome =
          ranks.learn(
              count,
              () -> true,
              run,
              (met, stop) ->
                  Millrace.resume(
                      run,
                      Catalogue.standard(),
                      new Resumption(maxBad, keeping.given()),
                      met,
                      progress,
                      stop));
    }
    return Report.print(outcome, count, common);
  }

  /** Notes where sets lie now, before anything opens them. */
  final void noteMoves() throws IOException {
    for (Map.Entry<String, String> one : moved.entrySet()) {
      Millrace.moved(run, one.getKey(), one.getValue());
    }
  }

  /**
   * A run keeps the threads and the device it began with, since both change the last bits of sums.
   *
   * @throws IllegalArgumentException for other ones
   */
  static void refuseOther(Path run, CommonFlags given) throws IOException {
    if (!RunFolder.of(run).isRun()
        || (given.threadsGiven() == null && given.deviceGiven() == null)) {
      return;
    }
    Settings settings = Settings.ofRun(run);
    if (given.threadsGiven() != null && given.threadsGiven() != settings.machine().threads()) {
      throw UsageException.of(
          "--threads",
          "%d differs from the %d that %s began with, and would change its result; leave it out"
              .formatted(given.threadsGiven(), settings.machine().threads(), run));
    }
    if (given.deviceGiven() != null
        && !new Device(given.deviceGiven()).equals(new Device(settings.machine().device()))) {
      throw UsageException.of(
          "--device",
          "%s differs from %s, with which %s began; leave it out"
              .formatted(given.deviceGiven(), settings.machine().device(), run));
    }
  }
}
