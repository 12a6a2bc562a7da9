package dev.millrace.recipe;

import dev.millrace.metric.LogFormat;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * How a run is kept and watched; no encoder depends on it. Immutable.
 *
 * @param checkpointSteps steps between checkpoints
 * @param checkpointMinutes minutes between checkpoints at most, above 0
 * @param keep checkpoints kept, at least 1
 * @param keepChunks how many of the last learned chunks keep their encoder and state: a number from
 *     1, {@code all}, or {@code last}
 * @param log forms in which the run's measures are copied for other programs
 * @param knnEvery epochs between looks at the accuracy of a kNN on labelled pictures, in each chunk
 *     and at its end; 0 for none
 */
public record KeepingSettings(
    @Knob(value = "steps between checkpoints", housekeeping = true) int checkpointSteps,
    @Knob(value = "minutes between checkpoints at most", housekeeping = true)
        double checkpointMinutes,
    @Knob(value = "checkpoints kept", housekeeping = true) int keep,
    @Knob(
            value =
                "how many of the last learned chunks keep their encoder and state: a number, all, or last; insight and probe --chunk all need those of all",
            label = "N|all|last",
            housekeeping = true)
        String keepChunks,
    @Knob(
            value =
                "copies of what metrics.jsonl measures, for other programs: tensorboard (event files in tensorboard/), csv (metrics.csv)",
            housekeeping = true)
        List<LogFormat> log,
    @Knob(
            value =
                "epochs between looks at a kNN's accuracy on the labelled sets, also at the end of each chunk; 0 for none; changes nothing of the encoder, and between ends of --schedule wsd sees the trunk, not what is published",
            housekeeping = true)
        int knnEvery) {

  /** Refuses values outside their ranges. */
  public KeepingSettings {
    log = List.copyOf(new LinkedHashSet<>(log));
    KeptChunks.count(keepChunks);
    Require.component(knnEvery >= 0, "knnEvery", knnEvery + " is below 0 epochs; 0 means never");
    Require.component(checkpointSteps >= 1, "checkpointSteps", checkpointSteps + " is below 1");
    Require.component(keep >= 1, "keep", keep + " is below 1 checkpoint");
    // Infinity means by steps alone.
    Require.component(
        checkpointMinutes > 0, "checkpointMinutes", checkpointMinutes + " is not above 0");
  }

  /** With this many steps between checkpoints. */
  public KeepingSettings checkpointSteps(int checkpointSteps) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }

  /** With this many minutes between checkpoints. */
  public KeepingSettings checkpointMinutes(double checkpointMinutes) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }

  /** With this many checkpoints kept. */
  public KeepingSettings keep(int keep) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }

  /** With this many chunks kept. */
  public KeepingSettings keepChunks(String keepChunks) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }

  /** With these forms of measures. */
  public KeepingSettings log(List<LogFormat> log) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }

  /** With this many epochs between looks. */
  public KeepingSettings knnEvery(int knnEvery) {
    return new KeepingSettings(checkpointSteps, checkpointMinutes, keep, keepChunks, log, knnEvery);
  }
}
