package dev.millrace.ranks;

import dev.millrace.file.Reason;
import dev.millrace.file.Trees;
import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The ranks of this machine: this process is the first, the others are started by it, watched, and
 * end with it, however it ends. When one is gone, all others are ended at once, so that nobody
 * waits for it. Close it when the call is over; not thread-safe.
 */
public final class LocalRanks implements Rendezvous, AutoCloseable {
  /**
   * Ranks of one machine talk by its loopback: an address, since a host's name may mean another.
   */
  static final String HERE = "127.0.0.1";

  private static final long END_SECONDS = 5;
  private static final long LOOK_MILLIS = 20;
  private static final long BEAT_MILLIS = 1000;
  private static final long CAUSE_MILLIS = 2000;

  private final int count;
  private final int retries;
  private final Consumer<String> told;
  private int lost;
  private C10dRanks ranks;

  /** Where the ranks of this attempt find each other; null between attempts. */
  private Path meeting;

  /** Of this attempt. */
  private volatile List<RankProcess> others = List.of();

  /** The first that failed in this attempt; guarded by this. */
  private RankProcess culprit;

  /**
   * @param count of ranks, at least 2
   * @param retries how often the run goes on from its last checkpoint when a rank is lost
   * @param told hears, in words, of ranks that were lost before a retry
   */
  public LocalRanks(int count, int retries, Consumer<String> told) {
    this.count = count;
    this.retries = retries;
    this.told = told;
  }

  /**
   * Says on stdout, every second from now on, that this process is alive, among the lines of its
   * result; for a first rank that another process minds.
   */
  public static void sayAlive() {
    new Heartbeat(System.out).begin();
  }

  @Override
  public boolean sharesProgram() {
    return false;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Ranks meet(Path run) throws IOException {
    if (ranks != null) {
      return ranks;
    }
    try {
      return met(run);
    } catch (LostRankException gone) {
      LostRankException named = new LostRankException(words(gone), gone);
      finish();
      throw named;
    }
  }

  private Ranks met(Path run) throws IOException {
    // Only this user may look into it: who can write there, or reach a port, could join the sums.
    meeting = Files.createTempDirectory("millrace-ranks");
    Path store = meeting.resolve("store");
    List<RankProcess> started = new ArrayList<>();
    for (int index = 1; index < count; index++) {
      started.add(RankProcess.start(run, index, count, store, this::ended));
      others = List.copyOf(started);
    }
    awaitReady();
    watch(others);
    ranks = C10dRanks.at(store, HERE, 0, count);
    return ranks.meet();
  }

  private void awaitReady() {
    long until = System.nanoTime() + RankWords.START * 1_000_000_000L;
    while (!others.stream().allMatch(RankProcess::isReady)) {
      if (others.stream().anyMatch(rank -> !rank.isAlive())) {
        throw new LostRankException("a rank did not begin", null);
      }
      if (System.nanoTime() > until) {
        throw new LostRankException(
            "a rank did not begin within %d s".formatted(RankWords.START), null);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new LostRankException("interrupted while ranks began", null);
      }
      sleep(LOOK_MILLIS);
    }
  }

  /** One that is gone takes all others with it, whose sockets then wake this process, too. */
  private synchronized void ended(RankProcess rank) {
    if (!others.contains(rank)) {
      return; // of an attempt that is over
    }
    if (rank.failed() && culprit == null) {
      culprit = rank;
    }
    if (rank.failed()) {
      others.stream().filter(RankProcess::isAlive).forEach(RankProcess::end);
    }
  }

  /**
   * Ends ranks that are stopped or hang; beats are counted, so that a suspended machine is none.
   */
  private void watch(List<RankProcess> watched) {
    Thread thread =
        new Thread(
            () -> {
              long[] heard = new long[watched.size()];
              int[] missed = new int[watched.size()];
              while (others == watched) {
                sleep(BEAT_MILLIS);
                for (int i = 0; i < heard.length; i++) {
                  long now = watched.get(i).timesHeard();
                  missed[i] = now == heard[i] && watched.get(i).isAlive() ? missed[i] + 1 : 0;
                  heard[i] = now;
                  if (missed[i] >= RankWords.SILENCE) {
                    watched.get(i).silenced();
                  }
                }
              }
            },
            "ranks-watch");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void again(LostRankException gone) {
    LostRankException named = new LostRankException(words(gone), gone);
    finish();
    lost++;
    if (lost > retries) {
      throw named;
    }
    told.accept(
        "%s; going on from the last checkpoint (%d of %d)"
            .formatted(named.getMessage(), lost, retries));
  }

  /** Which rank, and why; what this process knows of it otherwise. */
  private String words(LostRankException gone) {
    long until = System.nanoTime() + CAUSE_MILLIS * 1_000_000L;
    while (culprit() == null
        && System.nanoTime() < until
        && !Thread.currentThread().isInterrupted()) {
      sleep(LOOK_MILLIS);
    }
    Optional<RankProcess> found =
        Optional.ofNullable(culprit())
            .or(
                () ->
                    others.stream()
                        .filter(rank -> !rank.isAlive())
                        .min(Comparator.comparing(RankProcess::failed).reversed()));
    return found.map(RankProcess::why).orElse(gone.getMessage());
  }

  private synchronized RankProcess culprit() {
    return culprit;
  }

  private void finish() {
    List<RankProcess> all;
    synchronized (this) {
      all = others;
      others = List.of();
      culprit = null;
    }
    all.forEach(RankProcess::end);
    all.forEach(rank -> rank.await(END_SECONDS));
    if (ranks != null) {
      ranks.close();
      ranks = null;
    }
    if (meeting != null) {
      try {
        Trees.delete(meeting);
      } catch (IOException e) {
        told.accept("the folder " + meeting + " is left: " + Reason.of(e));
      }
      meeting = null;
    }
  }

  @Override
  public void close() {
    finish();
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
