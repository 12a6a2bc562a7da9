package dev.millrace.vision.view;

import dev.millrace.refusal.Require;

/**
 * How a random view differs from its picture: random resized crop, colour jitter in random order,
 * grey, Gaussian blur, solarising (pixels of at least 128 of 255 are inverted), horizontal flip —
 * in this order, each as torchvision's transform of the same name.
 *
 * @param size side of the square view in pixels, at least 1
 * @param cropMin smallest part of the picture's area a crop takes, in (0, 1]
 * @param cropMax largest part, in [cropMin, 1]
 * @param jitterProbability of the four colour changes together
 * @param brightness b: the factor is uniform in [max(0, 1 − b), 1 + b]; 0 or more
 * @param contrast likewise
 * @param saturation likewise
 * @param hue h: the shift is uniform in [−h, h] of a full turn; in [0, 0.5]
 * @param greyProbability of losing all colour
 * @param blurProbability of a Gaussian blur
 * @param blurMin smallest standard deviation of the blur in pixels, above 0
 * @param blurMax largest, at least blurMin
 * @param flipProbability of mirroring left and right
 * @param solariseProbability of inverting bright pixels
 */
public record Augmentation(
    int size,
    double cropMin,
    double cropMax,
    double jitterProbability,
    double brightness,
    double contrast,
    double saturation,
    double hue,
    double greyProbability,
    double blurProbability,
    double blurMin,
    double blurMax,
    double flipProbability,
    double solariseProbability) {

  /** Without solarising. */
  public Augmentation(
      int size,
      double cropMin,
      double cropMax,
      double jitterProbability,
      double brightness,
      double contrast,
      double saturation,
      double hue,
      double greyProbability,
      double blurProbability,
      double blurMin,
      double blurMax,
      double flipProbability) {
    this(
        size,
        cropMin,
        cropMax,
        jitterProbability,
        brightness,
        contrast,
        saturation,
        hue,
        greyProbability,
        blurProbability,
        blurMin,
        blurMax,
        flipProbability,
        0);
  }

  /** Checks every range. */
  public Augmentation {
    range(size >= 1 && size <= 4096, "size", size, "1 to 4096 pixels");
    range(cropMin > 0 && cropMin <= 1, "cropMin", cropMin, "above 0, at most 1");
    range(cropMax >= cropMin && cropMax <= 1, "cropMax", cropMax, "from cropMin to 1");
    probability("jitterProbability", jitterProbability);
    amount("brightness", brightness);
    amount("contrast", contrast);
    amount("saturation", saturation);
    range(hue >= 0 && hue <= 0.5, "hue", hue, "0 to 0.5 of a turn");
    probability("greyProbability", greyProbability);
    probability("blurProbability", blurProbability);
    range(blurMin > 0 && blurMin <= 1000, "blurMin", blurMin, "above 0, at most 1000 pixels");
    range(blurMax >= blurMin && blurMax <= 1000, "blurMax", blurMax, "from blurMin to 1000 pixels");
    probability("flipProbability", flipProbability);
    probability("solariseProbability", solariseProbability);
  }

  /**
   * MoCo v2's augmentation (Chen, Fan, Girshick, He, arXiv:2003.04297, and its published code):
   * crop 0.2–1, jitter 0.4/0.4/0.4/0.1 with probability 0.8, grey 0.2, blur 0.1–2 with probability
   * 0.5, flip 0.5. At 32 pixels and below there is no blur, as is usual for CIFAR: two pixels of
   * blur would leave nothing to see.
   *
   * @param size side of the view in pixels
   */
  public static Augmentation mocoV2(int size) {
    return new Augmentation(
        size, 0.2, 1, 0.8, 0.4, 0.4, 0.4, 0.1, 0.2, size <= 32 ? 0 : 0.5, 0.1, 2, 0.5);
  }

  private static void probability(String name, double value) {
    range(value >= 0 && value <= 1, name, value, "a probability from 0 to 1");
  }

  private static void amount(String name, double value) {
    range(value >= 0 && value <= 100, name, value, "0 (no change) or more, such as 0.4");
  }

  private static void range(boolean holds, String name, double value, String expected) {
    Require.that(holds, name + " is " + value + "; expected " + expected);
  }
}
