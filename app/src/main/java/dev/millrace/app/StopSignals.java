package dev.millrace.app;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/**
 * Turns SIGINT and SIGTERM into a flag that the training loop asks after each step; a second signal
 * ends the process at once. Thread-safe.
 */
final class StopSignals implements BooleanSupplier {
  private final AtomicBoolean asked = new AtomicBoolean();

  /** Starts listening for the signals of this process. */
  static StopSignals listen() {
    StopSignals stop = new StopSignals();
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> stop.ask());
      } catch (IllegalArgumentException e) {
        // This system has no such signal, or the JVM keeps it for itself: nothing to listen for.
        System.err.println("millrace: SIG" + name + " cannot be listened for: " + e.getMessage());
      }
    }
    return stop;
  }

  private void ask() {
    if (asked.getAndSet(true)) {
      Runtime.getRuntime().halt(Main.STOPPED);
    }
    System.err.println(
        "stopping after this step and writing a checkpoint; a second signal ends at once");
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get();
  }
}
