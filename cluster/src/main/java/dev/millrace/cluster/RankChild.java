package dev.millrace.cluster;

import dev.millrace.launch.ChildProcess;
import dev.millrace.launch.RankWords;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;

/** A rank's process and what it says: beats, where it is met, its result, and lines for people. */
final class RankChild {
  private static final int TAIL = 12;
  private static final int EVERY = 10;

  /** The native library greets on stdout, past Java. */
  private static final String GLOO = "[Gloo]";

  private final ChildProcess process;
  private final String where;
  private final String err;
  private final ArrayList<String> result = new ArrayList<>();
  private final Deque<String> said = new ArrayDeque<>();
  private final Thread out;
  private final Thread errors;
  private long heard;
  private boolean ready;
  private String meeting = "";
  private String steps = "0";

  /**
   * @param where rank, stage, attempts, executor and host
   * @param err file that its lines on stderr are appended to; null for none
   */
  RankChild(ChildProcess process, String where, String err) {
    this.process = process;
    this.where = where;
    this.err = err;
    out = new Thread(this::readOut, "rank-out");
    errors = new Thread(this::readErrors, "rank-err");
    out.setDaemon(true);
    errors.setDaemon(true);
    out.start();
    errors.start();
  }

  private void readOut() {
    try {
      process.await(this::line);
    } catch (IOException | UncheckedIOException e) {
      System.out.println(where + ": lines are lost: " + e);
    }
  }

  private synchronized void line(String line) {
    if (!line.startsWith(RankWords.SAYS)) {
      if (!line.startsWith(GLOO)) {
        result.add(line);
      }
      return;
    }
    heard++;
    ready |= line.equals(RankWords.READY);
    if (line.startsWith(RankWords.MEETS)) {
      meeting = line.substring(RankWords.MEETS.length());
    } else if (line.startsWith(RankWords.ALIVE) && (steps.equals("0") || heard % EVERY == 0)) {
      String now = line.substring(RankWords.ALIVE.length());
      if (!now.equals(steps)) {
        steps = now;
        System.out.println(where + ": step " + steps);
      }
    }
  }

  private void readErrors() {
    try (OutputStream file =
        err == null ? OutputStream.nullOutputStream() : new FileOutputStream(err, true)) {
      process.errors(
          line -> {
            System.out.println(where + ": " + line);
            keep(line);
            try {
              file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (IOException | UncheckedIOException e) {
      // The process goes on: these lines are for people.
      System.out.println(where + ": lines are lost: " + e);
    }
  }

  private synchronized void keep(String line) {
    said.addLast(line);
    if (said.size() > TAIL) {
      said.removeFirst();
    }
  }

  /** How often it was heard of. */
  synchronized long timesHeard() {
    return heard;
  }

  /** Seconds that it may be silent for now. */
  synchronized int patience() {
    return ready ? RankWords.SILENCE : RankWords.START;
  }

  /** Where the first rank is met; empty until it says so. */
  synchronized String meeting() {
    return meeting;
  }

  /** Rank, stage, attempts, executor and host. */
  String where() {
    return where;
  }

  ChildProcess process() {
    return process;
  }

  /** How it ended, once it has. */
  RankEnd end() throws InterruptedException {
    out.join();
    errors.join();
    synchronized (this) {
      return new RankEnd(
          process.code(), where, "", new ArrayList<>(result), String.join("\n", said));
    }
  }
}
