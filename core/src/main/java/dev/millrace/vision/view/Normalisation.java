package dev.millrace.vision.view;

/**
 * What turns a channel in [0, 1] into the encoder's input: (value − mean) ÷ std. Immutable: arrays
 * are copied in and out.
 *
 * @param mean of red, green, blue in [0, 1]
 * @param std of red, green, blue, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // three numbers; equality is asked for by nobody
public record Normalisation(float[] mean, float[] std) {
  /** Checks three finite means and three positive deviations. */
  public Normalisation {
    mean = mean.clone();
    std = std.clone();
    if (mean.length != 3 || std.length != 3) {
      throw new IllegalArgumentException(
          "found "
              + mean.length
              + " means and "
              + std.length
              + " deviations; expected 3 of each: red, green, blue");
    }
    for (int c = 0; c < 3; c++) {
      if (!Float.isFinite(mean[c]) || !(std[c] > 0) || !Float.isFinite(std[c])) {
        throw new IllegalArgumentException(
            "channel "
                + c
                + " has mean "
                + mean[c]
                + " and deviation "
                + std[c]
                + "; expected a finite mean and a deviation above 0");
      }
    }
  }

  /** Mean and deviation of ImageNet's training pictures, as torchvision's encoders expect them. */
  public static Normalisation imagenet() {
    return new Normalisation(
        new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }
}
