package dev.millrace.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The ranks of this machine, of which the first starts the others: a child of this process, so that
 * it can be begun anew when it is killed. It ends with this process, at a checkpoint.
 */
public final class LocalGang implements Gang {
  private static final long LOOK_MILLIS = 100;

  private final JvmLine jvm = JvmLine.ofThis();
  private final BooleanSupplier stop;
  private ChildProcess first;

  /**
   * @param stop asked often; true stops all at a checkpoint
   */
  public LocalGang(BooleanSupplier stop) {
    this.stop = stop;
  }

  @Override
  public End run(Attempt attempt, Consumer<String> said) throws IOException {
    first =
        ChildProcess.start(
            jvm, new Command("rank 0", attempt.first(), List.of(), null, null), Map.of(), null);
    List<String> result = new ArrayList<>();
    Thread out = reader("rank-out", () -> first.await(result::add), said);
    Thread err = reader("rank-err", () -> first.errors(said), said);
    try {
      boolean asked = false;
      while (!first.ended(LOOK_MILLIS)) {
        if (!asked && stop.getAsBoolean()) {
          asked = true;
          first.stop();
        }
      }
      out.join();
      err.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the ranks of " + attempt.run(), e);
    }
    if (!RankWords.own(first.code())) {
      throw new LostException("rank 0 " + RankWords.how(first.code()), null);
    }
    return new End(first.code(), result);
  }

  /** What reads a stream of the child's to its end. */
  @FunctionalInterface
  private interface Reading {
    void go() throws IOException;
  }

  private static Thread reader(String name, Reading reading, Consumer<String> said) {
    Thread thread =
        new Thread(
            () -> {
              try {
                reading.go();
              } catch (IOException | UncheckedIOException e) {
                said.accept("lines of rank 0 are lost: " + e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() {
    if (first != null) {
      first.kill();
    }
  }
}
