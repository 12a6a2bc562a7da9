package dev.millrace.app.train;

import dev.millrace.file.ShellWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.ranks.LocalRanks;
import dev.millrace.recipe.Millrace;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The processes that a command shares a run's steps out to. */
final class RankFlags {
  @Option(
      names = "--retries",
      paramLabel = "N",
      description =
          "how often a run of several --ranks goes on from its last checkpoint when one of them is lost (default: 0)")
  private int retries;

  /** What learns. */
  @FunctionalInterface
  interface Learning {
    Millrace.Outcome go(Rendezvous rendezvous) throws IOException;
  }

  /**
   * Learns with so many processes, which end with the call.
   *
   * @param run its folder, for what is said of it
   */
  Millrace.Outcome learn(int ranks, Path run, Learning learning) throws IOException {
    if (retries < 0) {
      throw UsageException.of("--retries", retries + " is below 0");
    }
    if (ranks == 1) {
      return learning.go(Rendezvous.alone());
    }
    try (LocalRanks local = new LocalRanks(ranks, retries, System.err::println)) {
      return learning.go(local);
    } catch (LostRankException e) {
      throw new IOException(
          "%s; all ranks have ended; go on with %s"
              .formatted(e.getMessage(), ShellWords.resume(run)),
          e);
    }
  }
}
