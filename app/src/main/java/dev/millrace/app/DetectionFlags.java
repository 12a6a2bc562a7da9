package dev.millrace.app;

import dev.millrace.probe.detection.FineTuning;
import dev.millrace.recipe.DetectionSettings;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags of {@code --task detection}. */
final class DetectionFlags {
  @Option(
      names = "--detection-size",
      paramLabel = "PX",
      description = "detection: shorter side of the pictures, at least 32 pixels (default: 120)")
  private Integer size;

  @Option(
      names = "--detection-scales",
      split = ",",
      paramLabel = "X",
      description = "detection: factors on that size, one drawn for each step (default: 0.8,1,1.2)")
  private List<Double> scales;

  @Option(
      names = "--detection-epochs",
      paramLabel = "N",
      description = "detection: passes over the training pictures (default: 6)")
  private Integer epochs;

  @Option(
      names = "--detection-batch",
      paramLabel = "N",
      description = "detection: pictures a step (default: 4)")
  private Integer batch;

  @Option(
      names = "--detection-lr",
      paramLabel = "X",
      description = "detection: peak learning rate (default: 0.02)")
  private Double lr;

  @Option(
      names = "--draw",
      defaultValue = "0",
      paramLabel = "N",
      description = "detection: draw boxes into N test pictures, as PNGs in the run's detections/")
  private int draw;

  /** The settings that these flags give. */
  DetectionSettings settings(long seed) {
    FineTuning.Settings d = FineTuning.Settings.small(seed);
    return new DetectionSettings(
        new FineTuning.Settings(
            seed,
            size == null ? d.size() : size,
            scales == null ? d.scales() : scales,
            d.flip(),
            epochs == null ? d.epochs() : epochs,
            batch == null ? d.batch() : batch,
            lr == null ? d.lr() : lr,
            d.warmup(),
            d.momentum(),
            d.weightDecay(),
            d.clip()),
        draw);
  }
}
