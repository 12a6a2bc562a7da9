package dev.millrace.probe;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Where a probe may end before its time. */
final class Stop {
  private Stop() {}

  /**
   * Goes on, or does not.
   *
   * @throws CancellationException if a stop was requested
   */
  static void check(BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while probing");
    }
  }
}
