package dev.millrace.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;

/**
 * The end of a process that computes natively. A JVM that exits, by {@code Runtime.halt} too, runs
 * the destructors of libtorch's and OpenCV's statics; a thread that still computes then crashes the
 * process. So native work is counted, the end waits for it, and where it takes too long the process
 * ends without destructors, with {@link #STOPPED}. Thread-safe.
 */
public final class ProcessEnd {
  /** The exit code of a process that ended before its work was done. */
  public static final int STOPPED = 130;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_MILLIS = 2;

  private static final AtomicInteger WORKING = new AtomicInteger();
  private static final Work LEAVE = WORKING::decrementAndGet;

  private static volatile boolean asked;
  private static volatile SetNumThreads exit;

  /** Where {@link #exit} reads the function's address. */
  private static PointerPointer<Pointer> exitAt;

  private static boolean armed;

  private ProcessEnd() {}

  /** A stretch of native work; its end is {@link #close}. */
  @FunctionalInterface
  public interface Work extends AutoCloseable {
    @Override
    void close();
  }

  /** Begins to wait for native work at the process's end; every loader of natives calls it. */
  static synchronized void arm() {
    if (armed) {
      return;
    }
    armed = true;
    Pointer address = Loader.addressof("_exit");
    if (address != null) {
      // Any C function that takes an int can be called as OpenBLAS's setter of a thread count.
      exitAt = new PointerPointer<Pointer>(1).put(0, address);
      exitAt.retainReference(); // who loads natives first may do so in a scope that ends before us
      exit = new SetNumThreads(exitAt);
      exit.retainReference();
    }
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(ProcessEnd::await, "millrace-end"));
    } catch (IllegalStateException e) {
      asked = true; // it is ending already
    }
  }

  /**
   * Counts native work that the end of the process has to wait for; of milliseconds, or of a call
   * that asks {@link #asked} between its steps.
   */
  public static Work work() {
    WORKING.incrementAndGet();
    return LEAVE;
  }

  /** Whether native work goes on at this moment. */
  public static boolean working() {
    return WORKING.get() > 0;
  }

  /** Asks all native work to end between two native calls, as a stop does. */
  public static void ask() {
    asked = true;
  }

  /** Whether the process is about to end: nothing new is begun then. */
  public static boolean asked() {
    return asked;
  }

  /**
   * Goes on, or does not.
   *
   * @throws CancellationException if the process is about to end
   */
  public static void check() {
    if (asked) {
      throw new CancellationException("stopped: the process is ending");
    }
  }

  /**
   * Ends the process at once, without shutdown hooks and without native destructors, whatever its
   * threads compute.
   */
  public static void halt(int code) {
    SetNumThreads now = exit;
    if (now != null) {
      now.call(code);
    }
    Runtime.getRuntime().halt(code);
  }

  /** Waits until native work has ended, up to a time. */
  public static boolean quiet(long nanos) {
    long until = System.nanoTime() + nanos;
    boolean interrupted = false;
    while (working() && System.nanoTime() < until) {
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !working();
  }

  private static void await() {
    ask();
    if (!quiet(PATIENCE_NANOS)) {
      halt(STOPPED);
    }
  }
}
