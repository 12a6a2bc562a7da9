package dev.millrace.exchange.embed;

import dev.millrace.launch.Command;
import dev.millrace.launch.Launched;
import dev.millrace.launch.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * Partitions made by processes side by side, wherever a launcher starts them. {@link #go} is for
 * one thread, which is the only one that counts and tells.
 */
final class PartitionProcesses {
  private static final int ATTEMPTS = 2;
  private static final long LOOK_MILLIS = 100;

  private final PartitionFolder folder;
  private final List<Path> needs;
  private final Launcher launcher;
  private final int side;
  private final PartitionedEmbedding.Progress progress;
  private final Deque<Integer> left;
  private final Deque<Integer> made = new ArrayDeque<>();
  private final Set<Launched> running = new HashSet<>();
  private int working;
  private boolean ending;
  private Exception broken;

  PartitionProcesses(
      PartitionFolder folder,
      List<Path> needs,
      Launcher launcher,
      int side,
      PartitionedEmbedding.Progress progress) {
    this.folder = folder;
    this.needs = needs;
    this.launcher = launcher;
    this.side = side;
    this.progress = progress;
    left = new ArrayDeque<>(progress.left());
  }

  /**
   * Makes all that are left.
   *
   * @throws IOException if one failed twice, or the launcher is gone
   * @throws CancellationException if a stop was asked for
   */
  void go() throws IOException {
    int threads = Math.min(side, left.size());
    working = threads;
    for (int i = 0; i < threads; i++) {
      new Thread(this::work, "partition-" + i).start();
    }
    try {
      for (List<Integer> next = next(); next != null; next = next()) {
        for (int part : next) {
          progress.made(part);
        }
        if (progress.stop()) {
          end();
        }
      }
    } finally {
      end();
      while (next() != null) {
        // what was made meanwhile counts for the next call
      }
    }
    synchronized (this) {
      if (broken instanceof IOException e) {
        throw e;
      } else if (broken instanceof RuntimeException e) {
        throw e;
      } else if (ending && !complete()) {
        throw new CancellationException("stopped while embedding");
      }
    }
  }

  private boolean complete() {
    return left.isEmpty() && progress.left().stream().allMatch(folder::done);
  }

  /** Partitions that were made since, after a short wait; null when nobody works any more. */
  private synchronized List<Integer> next() {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
    try {
      while (made.isEmpty() && working > 0 && System.nanoTime() < until) {
        wait(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      ending = true;
      Thread.currentThread().interrupt();
    }
    if (made.isEmpty() && working == 0) {
      return null;
    }
    List<Integer> now = List.copyOf(made);
    made.clear();
    return now;
  }

  private synchronized void end() {
    ending = true;
    running.forEach(Launched::stop);
  }

  private synchronized Integer take() {
    return ending || broken != null ? null : left.poll();
  }

  private void work() {
    try {
      for (Integer part = take(); part != null; part = take()) {
        if (make(part)) {
          synchronized (this) {
            made.add(part);
            notifyAll();
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        broken = broken == null ? e : broken;
        running.forEach(Launched::stop);
      }
    } finally {
      synchronized (this) {
        working--;
        notifyAll();
      }
    }
  }

  /** False if a stop was asked for before it was made. */
  private boolean make(int part) throws IOException {
    String error = "";
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Launched process =
          launcher.start(
              new Command(
                  Partitions.name(part),
                  List.of(
                      PartitionedEmbedding.COMMAND,
                      folder.root().toAbsolutePath().toString(),
                      Integer.toString(part)),
                  needs,
                  folder.record(part).toAbsolutePath(),
                  folder.log(part).toAbsolutePath()));
      synchronized (this) {
        running.add(process);
        if (ending) {
          process.stop();
        }
      }
      int code;
      try {
        code = process.await(line -> {});
      } finally {
        synchronized (this) {
          running.remove(process);
        }
      }
      if (code == 0 && folder.done(part)) {
        return true;
      }
      synchronized (this) {
        if (ending || broken != null) {
          return false;
        }
      }
      error = process.failure(code);
    }
    throw new IOException(
        "%s failed %d times: %s; the same command makes what is left"
            .formatted(folder.file(part), ATTEMPTS, error));
  }
}
