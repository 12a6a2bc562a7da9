package dev.millrace.app.shared;

import dev.millrace.engine.ProcessEnd;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/**
 * Signals as requests. Turns SIGINT and SIGTERM into a flag that whatever is at work asks again and
 * again; a second signal ends the process at once. Thread-safe.
 */
public final class StopSignals implements BooleanSupplier {
  /** How long native work may take to end between two calls, before the process ends without. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /** How long a command may take to tidy up after that. */
  private static final long TIDY_MILLIS = 500;

  private final AtomicBoolean asked = new AtomicBoolean();
  private final String words;

  private StopSignals(String words) {
    this.words = words;
  }

  /**
   * Starts listening for the signals of a process that has nothing to save: what it computes ends
   * between two steps, or where that takes too long, the process does. Nothing native may compute
   * while the JVM exits.
   */
  public static void endByDefault() {
    StopSignals stop = new StopSignals("stopping; a second signal ends at once");
    stop.handle(
        () -> {
          if (stop.ask()) {
            ProcessEnd.ask();
            ProcessEnd.quiet(PATIENCE_NANOS);
            try {
              Thread.sleep(TIDY_MILLIS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          ProcessEnd.halt(Exit.STOPPED);
        });
  }

  /** Starts listening for the signals of a process that trains. */
  public static StopSignals listen() {
    return listen("stopping as soon as what is learned is saved; a second signal ends at once");
  }

  /**
   * Starts listening for the signals of this process.
   *
   * @param words said when the first comes
   */
  public static StopSignals listen(String words) {
    StopSignals stop = new StopSignals(words);
    stop.handle(
        () -> {
          if (!stop.ask()) {
            ProcessEnd.halt(Exit.STOPPED);
          }
        });
    return stop;
  }

  /**
   * Starts listening in a process that another one minds: the keyboard's signal reaches both, and
   * the second of them is no impatience.
   */
  public static StopSignals listenAsChild() {
    StopSignals stop = new StopSignals("stopping after this step");
    stop.handle(stop::ask);
    return stop;
  }

  private void handle(Runnable signalled) {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> signalled.run());
      } catch (IllegalArgumentException e) {
        // This system has no such signal, or the JVM keeps it for itself: nothing to listen for.
        System.err.println("millrace: SIG" + name + " cannot be listened for: " + e.getMessage());
      }
    }
  }

  /** Asks for a stop; false if that was asked for before. */
  public boolean ask() {
    if (asked.getAndSet(true)) {
      return false;
    }
    System.err.println(words);
    return true;
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get();
  }
}
