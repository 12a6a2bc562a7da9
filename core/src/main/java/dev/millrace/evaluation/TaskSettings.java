package dev.millrace.evaluation;

import dev.millrace.probe.FewShot;
import dev.millrace.probe.FineTuning;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearProbe;
import java.util.List;

/**
 * How the downstream tasks are done; the paper's protocols by default. Immutable.
 *
 * @param fewShot each a few-shot task of its own
 * @param fineTuning how fine-tuning trains
 * @param detection how a detector is trained, and what is drawn
 * @param knn how many neighbours vote, and how
 * @param seed of the linear probe's validation part, where a set brings none
 */
public record TaskSettings(
    List<FewShot.Settings> fewShot,
    FineTuning.Settings fineTuning,
    DetectionSettings detection,
    Knn.Neighbours knn,
    long seed) {
  /** Makes the list immutable. */
  public TaskSettings {
    fewShot = List.copyOf(fewShot);
  }

  /** These settings with the paper's nearest neighbours. */
  public TaskSettings(
      List<FewShot.Settings> fewShot,
      FineTuning.Settings fineTuning,
      DetectionSettings detection,
      long seed) {
    this(fewShot, fineTuning, detection, Knn.Neighbours.paper(), seed);
  }

  /** 5-way 1-shot and 5-shot, the defaults of fine-tuning and detection, seed 0. */
  public static TaskSettings paper() {
    return new TaskSettings(
        List.of(FewShot.Settings.paper(1), FewShot.Settings.paper(5)),
        FineTuning.Settings.defaults(),
        DetectionSettings.small(0),
        0);
  }

  /**
   * How the linear probe is trained: the paper's way, with these settings' seed.
   *
   * @param byClass pick its regularisation by the mean accuracy per class instead of top-1
   */
  public LinearProbe.Settings linear(boolean byClass) {
    return LinearProbe.Settings.paper().withByClass(byClass).withSeed(seed);
  }
}
