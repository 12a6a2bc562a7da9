package dev.millrace.live.drift;

import dev.millrace.refusal.Require;

/**
 * How drift is looked for.
 *
 * @param window pictures per test, at least 10: an alarm can come once per window
 * @param reference pictures that a window is compared with, drawn from all before it in the chunk,
 *     at least 10
 * @param between expected number of pictures between two alarms while nothing changes, at least ten
 *     windows
 * @param seed of the draws
 */
public record DriftSettings(int window, int reference, long between, long seed) {
  private static final int LEAST = 10;

  /** Refuses what cannot be tested. */
  public DriftSettings {
    Require.component(
        window >= LEAST && reference >= LEAST,
        "window",
        "%d and reference %d; expected at least %d pictures each"
            .formatted(window, reference, LEAST));
    Require.component(
        between >= 10L * window,
        "between",
        "%d pictures between false alarms is below ten windows of %d; give %d or more"
            .formatted(between, window, 10L * window));
  }

  /** Windows of 100 against 200 pictures, a false alarm in 50 000. */
  public static DriftSettings standard() {
    return new DriftSettings(100, 200, 50_000, 0);
  }

  /** One window in so many raises a false alarm. */
  int windows() {
    return Math.toIntExact((between + window - 1) / window);
  }
}
