package dev.millrace.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The ranks of this machine, of which the first starts and minds the others: a child of this
 * process, so that it can be begun anew when it is killed or hangs. It ends with this process, at a
 * checkpoint.
 */
public final class LocalGang implements Gang {
  private static final long LOOK_MILLIS = 100;
  private static final long LOOKS = RankWords.SILENCE * 1000L / LOOK_MILLIS;

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
    AtomicLong heard = new AtomicLong();
    Thread out =
        reader(
            "rank-out",
            () ->
                first.await(
                    line -> {
                      if (line.startsWith(RankWords.SAYS)) {
                        heard.incrementAndGet();
                      } else {
                        result.add(line);
                      }
                    }),
            said);
    Thread err = reader("rank-err", () -> first.errors(said), said);
    boolean silent;
    try {
      silent = silentInTheEnd(heard);
      out.join();
      err.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the ranks of " + attempt.run(), e);
    }
    if (silent) {
      throw new LostException(
          "rank 0 was not heard of for %d s and was ended".formatted(RankWords.SILENCE), null);
    }
    if (!RankWords.own(first.code())) {
      throw new LostException("rank 0 " + RankWords.how(first.code()), null);
    }
    return new End(first.code(), result);
  }

  /**
   * Waits for the end of the first rank, which is brought about where it hangs. Looks are counted,
   * so that a suspended machine is none.
   */
  private boolean silentInTheEnd(AtomicLong heard) throws InterruptedException {
    boolean asked = false;
    long before = 0;
    int missed = 0;
    while (!first.ended(LOOK_MILLIS)) {
      if (!asked && stop.getAsBoolean()) {
        asked = true;
        first.stop();
      }
      long now = heard.get();
      missed = now == before && now > 0 ? missed + 1 : 0;
      before = now;
      if (missed == LOOKS) {
        first.kill();
        return true;
      }
    }
    return false;
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
