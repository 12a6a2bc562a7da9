package dev.millrace.recipe;

import dev.millrace.probe.detection.FineTuning;

/**
 * How detection is asked for.
 *
 * @param tuning size, epochs, batch, rates and seed of the detector's training
 * @param draw pictures of the judged part to draw boxes into, 0 or more; they go to {@code
 *     detections/} in the run
 */
public record DetectionSettings(FineTuning.Settings tuning, int draw) {
  /** Refuses fewer than 0 drawings. */
  public DetectionSettings {
    if (draw < 0) {
      throw new IllegalArgumentException("--draw " + draw + " is below 0");
    }
  }

  /** A budget for small sets, nothing drawn. */
  public static DetectionSettings small(long seed) {
    return new DetectionSettings(FineTuning.Settings.small(seed), 0);
  }
}
