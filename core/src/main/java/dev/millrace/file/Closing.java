package dev.millrace.file;

import java.io.IOException;
import java.util.List;

/**
 * Closes many things, whichever fail: one that cannot be closed keeps no lock, file or native
 * memory of another.
 */
public final class Closing {
  private static final long FOREVER = Long.MAX_VALUE / 2;

  private Closing() {}

  /** Waits for an end. */
  @FunctionalInterface
  public interface Wait {
    /** Whether it has ended, within a time. */
    boolean ended(long nanos) throws InterruptedException;
  }

  /**
   * Closes all, in their order; null stands for what was never opened.
   *
   * @throws IOException the first failure, with the others on it; one that is unchecked is thrown
   *     as it is
   */
  public static void all(List<? extends AutoCloseable> all) throws IOException {
    Throwable failure = null;
    for (AutoCloseable one : all) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (Exception | Error e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof IOException io) {
      throw io;
    } else if (failure instanceof RuntimeException runtime) {
      throw runtime;
    } else if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw new IOException(failure);
    }
  }

  /**
   * Closes what was opened before a failure, in this order; what cannot be closed is added to it.
   *
   * @param failure for the caller to throw
   * @param opened null stands for what was never opened
   */
  public static void after(Throwable failure, List<? extends AutoCloseable> opened) {
    try {
      all(opened);
    } catch (IOException | RuntimeException | Error e) {
      if (failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  /**
   * Waits for what uses the things to be closed, also on a thread that is interrupted, whose flag
   * is set afterwards: an interrupt asks for an end, and not for one in the middle of a write.
   */
  public static void await(Wait wait) {
    boolean ended = false;
    while (!ended) {
      ended = within(FOREVER, wait);
    }
  }

  /**
   * Like {@link #await}, for a time.
   *
   * @return whether it has ended
   */
  public static boolean within(long nanos, Wait wait) {
    long until = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.ended(Math.max(0, until - System.nanoTime()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
