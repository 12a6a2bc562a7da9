package dev.millrace.app.train;

import dev.millrace.app.shared.CommonFlags;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.ShellWords;
import dev.millrace.launch.Gang;
import dev.millrace.launch.LocalGang;
import dev.millrace.launch.ParentWatch;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Option;

/** The processes that a command shares a run's steps out to. */
final class RankFlags {
  private static final String MINDED = "--minded";

  @Option(
      names = "--retries",
      paramLabel = "N",
      description =
          "how often a run of several --ranks goes on from its last checkpoint when one of them is lost, the first or another (default: 0)")
  private int retries;

  @Option(
      names = "--ranks-address",
      hidden = true,
      paramLabel = "ADDRESS",
      description = "of this machine, for a first rank that a cluster has started; nobody else's")
  private String address;

  @Option(
      names = MINDED,
      hidden = true,
      description =
          "ends with the process that started this one, a stop of which is a byte on stdin")
  private boolean minded;

  /** What learns. */
  @FunctionalInterface
  interface Learning {
    Millrace.Outcome go(Rendezvous rendezvous, BooleanSupplier stop) throws IOException;
  }

  /**
   * Learns with so many processes, which end with the call. Listens for a stop from here on:
   * whoever minds this process may ask for one before it has begun.
   *
   * @param begun whether it goes on by {@code resume} from now on
   * @param run its folder, for what is said of it
   * @throws CancellationException if it was stopped before there was a checkpoint
   */
  Millrace.Outcome learn(int ranks, GangRun.Begun begun, Path run, Learning learning)
      throws IOException {
    try {
      return learn(ranks, learning);
    } catch (CancellationException e) {
      throw GangRun.stopped(e, begun, ShellWords.resume(run));
    } catch (LostRankException e) {
      throw new IOException(
          "%s; all ranks have ended; %s"
              .formatted(e.getMessage(), GangRun.mend(begun, ShellWords.resume(run))),
          e);
    }
  }

  private Millrace.Outcome learn(int ranks, Learning learning) throws IOException {
    retries();
    if (address != null) {
      return onHosts(ranks, learning);
    }
    StopSignals stop = minded ? StopSignals.listenAsChild() : StopSignals.listen();
    if (minded) {
      ParentWatch.begin(System.in, stop::ask);
    }
    if (ranks == 1) {
      return learning.go(Rendezvous.alone(), stop);
    }
    NativeOutput.mute();
    if (minded) {
      LocalRanks.sayAlive();
    }
    try (LocalRanks local = new LocalRanks(ranks, retries, System.err::println)) {
      return learning.go(local, stop);
    }
  }

  /** Whether the first rank is a child of this process, which begins it anew when it is killed. */
  boolean mind(int ranks) {
    return ranks > 1 && retries() > 0 && !minded && address == null;
  }

  /**
   * Has a child learn.
   *
   * @param words of this command, behind {@code millrace}
   * @param begun whether the run goes on by {@code resume} from now on
   * @return its exit code
   */
  int mind(List<String> words, GangRun.Begun begun, Path run, CommonFlags common)
      throws IOException {
    List<String> first = new ArrayList<>(words);
    first.add(MINDED);
    List<String> again = ClusterResume.again(run, common);
    again.addAll(List.of("--retries", Integer.toString(retries), MINDED));
    StopSignals stop = StopSignals.listen();
    try (Gang gang = new LocalGang(stop)) {
      return new GangRun(
              first, again, begun, run.toAbsolutePath(), List.of(), ShellWords.resume(run))
          .learn(gang, retries, stop, System.out, System.err);
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
    StopSignals stop = StopSignals.listenAsChild();
    try (HostRanks hosts = new HostRanks(ranks, address, stop::ask)) {
      return learning.go(hosts, stop);
    } catch (LostRankException e) {
      System.err.println(e.getMessage());
      ProcessEnd.halt(RankWords.LOST);
      throw e;
    }
  }
}
