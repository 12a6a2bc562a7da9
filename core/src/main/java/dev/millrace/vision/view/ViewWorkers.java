package dev.millrace.vision.view;

import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Threads that make views into native memory of their owner's. Thread-safe; stop them at the end.
 */
public final class ViewWorkers {
  private static final int PATIENCE_SECONDS = 60;

  private final ExecutorService executor;
  private volatile boolean stopping;

  /**
   * Starts threads as they are needed; they do not keep a process alive.
   *
   * @param threads at most, at least 1
   */
  public ViewWorkers(int threads) {
    executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "views");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Makes some views, after those asked for before. */
  public <T> Future<T> submit(Callable<T> views) {
    return executor.submit(views);
  }

  /**
   * Hears whether the threads shall stop; for tasks of several views to ask before each.
   *
   * @throws CancellationException if so
   */
  public void requireGoingOn() {
    if (stopping) {
      throw new CancellationException("stopped while views were made");
    }
  }

  /**
   * Cancels what has not begun and waits for what has, to the end of a view where it asks {@link
   * #requireGoingOn}.
   *
   * @param asked what may still be under way
   * @return whether all threads have stopped; if not, since the caller was interrupted, the memory
   *     that they write to must not be freed
   * @throws IllegalStateException if they do not stop within a minute
   */
  public boolean stop(Collection<? extends Future<?>> asked) {
    stopping = true;
    // No interrupts: one would close a file channel that other pictures are still read from.
    asked.forEach(part -> part.cancel(false));
    executor.shutdown();
    try {
      if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "view workers did not stop within " + PATIENCE_SECONDS + " s");
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
