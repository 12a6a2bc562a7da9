package dev.millrace.evaluation;

import dev.millrace.probe.detection.FineTuning;
import dev.millrace.probe.detection.HeadNorm;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.Normalisations;

/**
 * How detection is asked for.
 *
 * @param tuning size, epochs, batch, rates and seed of the detector's training
 * @param draw pictures of the judged part to draw boxes into, 0 or more; they go to {@code
 *     detections/} in the run
 * @param freeze stages of the encoder that do not learn, with the stem, 0 … 4; 0 for none
 * @param norm whether the scales and shifts of the encoder's normalisations learn; their statistics
 *     are those of the detection pictures either way
 * @param headNorm of pyramid and box head
 */
public record DetectionSettings(
    FineTuning.Settings tuning, int draw, int freeze, Normalisations norm, HeadNorm headNorm) {
  /** Refuses fewer than 0 drawings and stages that there are not. */
  public DetectionSettings {
    if (freeze < 0 || freeze > 4) {
      throw UsageException.of(
          "--detection-freeze", freeze + " is not in 0 … 4: a residual network has four stages");
    }
    if (draw < 0) {
      throw UsageException.of("--draw", draw + " is below 0");
    }
  }

  /** Nothing frozen. */
  public DetectionSettings(FineTuning.Settings tuning, int draw) {
    this(tuning, draw, 0, Normalisations.TRAINED, HeadNorm.NONE);
  }

  /** A budget for small sets, nothing drawn. */
  public static DetectionSettings small(long seed) {
    return new DetectionSettings(FineTuning.Settings.small(seed), 0);
  }
}
