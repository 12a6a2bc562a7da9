package dev.millrace.app.train;

import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.ShellWords;
import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.ranks.HostRanks;
import dev.millrace.ranks.LocalRanks;
import dev.millrace.recipe.Millrace;
import dev.millrace.refusal.UsageException;
import dev.millrace.terminal.NativeOutput;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** The processes that a command shares a run's steps out to. */
final class RankFlags {
  @Option(
      names = "--retries",
      paramLabel = "N",
      description =
          "how often a run of several --ranks goes on from its last checkpoint when one of them is lost (default: 0)")
  private int retries;

  @Option(
      names = "--ranks-address",
      hidden = true,
      paramLabel = "ADDRESS",
      description = "of this machine, for a first rank that a cluster has started; nobody else's")
  private String address;

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
    retries();
    if (address != null) {
      return onHosts(ranks, learning);
    }
    if (ranks == 1) {
      return learning.go(Rendezvous.alone());
    }
    NativeOutput.mute();
    try (LocalRanks local = new LocalRanks(ranks, retries, System.err::println)) {
      return learning.go(local);
    } catch (LostRankException e) {
      throw new IOException(
          "%s; all ranks have ended; go on with %s"
              .formatted(e.getMessage(), ShellWords.resume(run)),
          e);
    }
  }

  /** How often a run goes on when a rank is lost. */
  int retries() {
    if (retries < 0) {
      throw UsageException.of("--retries", retries + " is below 0");
    }
    return retries;
  }

  /** A lost rank ends this process by the code that who minds it knows. */
  private Millrace.Outcome onHosts(int ranks, Learning learning) throws IOException {
    try (HostRanks hosts = new HostRanks(ranks, address, () -> Signal.raise(new Signal("TERM")))) {
      return learning.go(hosts);
    } catch (LostRankException e) {
      System.err.println(e.getMessage());
      ProcessEnd.halt(RankWords.LOST);
      throw e;
    }
  }
}
