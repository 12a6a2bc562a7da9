package dev.millrace.app.evaluate;

import dev.millrace.evaluation.DetectionSettings;
import dev.millrace.probe.detection.FineTuning;
import dev.millrace.probe.detection.HeadNorm;
import dev.millrace.refusal.Choice;
import dev.millrace.vision.encoder.Normalisations;
import java.util.List;
import java.util.Locale;
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
      names = "--detection-freeze",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "detection: stages of the encoder that do not learn, with the stem, 0 to 4 (default: 0, as in MoCo)")
  private int freeze;

  @Option(
      names = "--detection-norm",
      defaultValue = "trained",
      paramLabel = "KIND",
      description =
          "detection: whether scales and shifts of the encoder's normalisations are trained or frozen; their statistics are those of the detection pictures (default: trained)")
  private String norm;

  @Option(
      names = "--detection-head-norm",
      defaultValue = "none",
      paramLabel = "KIND",
      description =
          "detection: group normalisation of none of the new layers, of the pyramid, or of it and the box head (group) (default: none)")
  private String headNorm;

  @Option(
      names = "--draw",
      defaultValue = "0",
      paramLabel = "N",
      description = "detection: draw boxes into N test pictures, as PNGs in the run's detections/")
  private int draw;

  /** The settings that these flags give. */
  DetectionSettings settings(long seed) {
    Choice.check("--detection-norm", norm, "trained", "frozen");
    Choice.check("--detection-head-norm", headNorm, "none", "pyramid", "group");
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
        draw,
        freeze,
        Normalisations.valueOf(norm.toUpperCase(Locale.ROOT)),
        HeadNorm.valueOf(headNorm.toUpperCase(Locale.ROOT)));
  }
}
