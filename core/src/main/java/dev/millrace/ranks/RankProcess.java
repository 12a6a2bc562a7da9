package dev.millrace.ranks;

import dev.millrace.file.Reason;
import dev.millrace.launch.ChildOptions;
import dev.millrace.launch.RankWords;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One rank's process, with the same Java, options and class path as this one, and what is known of
 * it. Thread-safe.
 */
final class RankProcess {
  private static final int TAIL = 12;

  private final int index;
  private final Process process;
  private final Deque<String> said = new ArrayDeque<>();
  private boolean ready;
  private boolean silent;
  private long heard;

  private RankProcess(int index, Process process) {
    this.index = index;
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param store what the ranks meet by
   * @param ended told when it has ended
   */
  static RankProcess start(Path run, int index, int count, Path store, Consumer<RankProcess> ended)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ChildOptions.ofThis());
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add(RankMain.class.getName());
    line.addAll(List.of(run.toString(), "" + index, "" + count, store.toString()));
    ProcessBuilder builder = new ProcessBuilder(line);
    ChildOptions.inEnglish(builder.environment());
    RankProcess rank = new RankProcess(index, builder.start());
    rank.read(rank.process.getInputStream(), rank::heard);
    rank.read(rank.process.getErrorStream(), rank::said);
    rank.process.onExit().thenRun(() -> ended.accept(rank));
    return rank;
  }

  private void read(InputStream from, Consumer<String> each) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                for (String l = lines.readLine(); l != null; l = lines.readLine()) {
                  each.accept(l);
                }
              } catch (IOException e) {
                said(Reason.of(e));
              }
            },
            "rank-" + index);
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void heard(String line) {
    heard++;
    ready |= line.equals(RankWords.READY);
  }

  private synchronized void said(String line) {
    said.addLast(line);
    if (said.size() > TAIL) {
      said.removeFirst();
    }
  }

  synchronized boolean isReady() {
    return ready;
  }

  /** How often it was heard of. */
  synchronized long timesHeard() {
    return heard;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it ended for a reason of its own, and not since another was gone. */
  boolean failed() {
    return !process.isAlive() && process.exitValue() != 0 && process.exitValue() != RankWords.LOST;
  }

  /** Ends it, since it is not heard of. */
  void silenced() {
    synchronized (this) {
      silent = true;
    }
    process.destroyForcibly();
  }

  /** Lets it end at once. */
  void end() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      said(Reason.of(e)); // it has ended, which is what was asked for
    }
  }

  /** Waits for the end, which is brought about after some seconds. */
  void await(long seconds) {
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Why it is gone, in words. */
  synchronized String why() {
    if (silent) {
      return "rank %d was not heard of for %d s and was ended".formatted(index, RankWords.SILENCE);
    }
    String how = RankWords.how(process.isAlive() ? 0 : process.exitValue());
    return "rank %d %s%s"
        .formatted(index, how, said.isEmpty() ? "" : "; it said: " + String.join("\n", said));
  }
}
