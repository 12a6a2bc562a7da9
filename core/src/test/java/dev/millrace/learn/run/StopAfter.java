package dev.millrace.learn.run;

import java.util.function.BooleanSupplier;

/** Asks for a stop once so many steps were made since the last one; counts them all. */
public final class StopAfter implements RunEvent.Listener, BooleanSupplier {
  private final int steps;
  private int made;
  private int all;

  /** A stop after so many steps, at least 1. */
  public StopAfter(int steps) {
    this.steps = steps;
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.Stepped) {
      made++;
      all++;
    }
  }

  @Override
  public boolean getAsBoolean() {
    return made >= steps;
  }

  /** The same, ready for the next call. */
  public StopAfter again() {
    made = 0;
    return this;
  }

  int all() {
    return all;
  }
}
