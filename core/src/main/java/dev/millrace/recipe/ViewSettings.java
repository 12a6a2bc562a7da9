package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.setting.Knobs;
import dev.millrace.vision.view.Augmentation;
import java.util.List;
import java.util.Map;

/**
 * How pictures are cut and changed before they are learned from. Immutable.
 *
 * @param size side of the views, 8 … 4096 pixels
 * @param progressiveSize sides of the views in equal parts of each chunk's epochs, rising, {@code
 *     size} last; empty for that size throughout
 * @param cropMin smallest area share of a crop, in (0, 1]; the paper's is 0.2
 * @param jitter strengths b, c, s, h of brightness, contrast, saturation and hue: factors in
 *     [max(0, 1 − b), 1 + b] and a shift in [−h, h] of a full turn, in 0 … 100, h in 0 … 0.5; empty
 *     for MoCo v2's 0.4, 0.4, 0.4, 0.1
 * @param jitterProbability of these four together, in 0 … 1
 * @param greyProbability of losing all colour, in 0 … 1
 * @param flipProbability of mirroring left and right, in 0 … 1
 * @param blur Gaussian blur
 * @param blurProbability of a Gaussian blur of each view, in 0 … 1, the last of all further views,
 *     too; empty for {@code blur}'s of all
 * @param solarise probability of inverting bright pixels of each view, likewise; empty for never
 * @param localCrops small crops of each picture beside the two whole views, 0 … 64
 * @param localSize side of the small crops, 8 pixels … {@code size}; 0 for the usual one
 * @param localScale smallest and largest area share of a small crop, in (0, 1]; empty for the usual
 * @param globalScale the same of the two whole views; empty for {@code cropMin} to 1
 */
public record ViewSettings(
    @Knob("side of the views in pixels") int size,
    @Knob(
            "rising sides of the views in equal parts of each chunk's epochs, --size last (default: --size throughout)")
        List<Integer> progressiveSize,
    @Knob("smallest area share of a random crop") double cropMin,
    @Knob(
            value =
                "strengths of brightness, contrast, saturation and hue, such as 0.8,0.8,0.8,0.2 (default: MoCo v2's 0.4,0.4,0.4,0.1)",
            neutral = "[]")
        List<Double> jitter,
    @Knob(value = "probability of changing colours by --jitter", neutral = "0.8")
        double jitterProbability,
    @Knob(value = "probability of losing all colour", neutral = "0.2") double greyProbability,
    @Knob(value = "probability of mirroring left and right", neutral = "0.5")
        double flipProbability,
    @Knob("Gaussian blur: auto (off at 32 pixels and below), on or off") Blur blur,
    @Knob(
            value =
                "probability of a Gaussian blur of each view in turn, such as 1,0.1 (default: --blur's)",
            neutral = "[]")
        List<Double> blurProbability,
    @Knob(
            value =
                "probability of solarising each view in turn, such as 0,0.2: bright pixels are inverted (default: never)",
            neutral = "[]")
        List<Double> solarise,
    @Knob(
            value =
                "small crops of each picture beside the two whole views, for lejepa, swav and dino; 0 for none",
            neutral = "0")
        int localCrops,
    @Knob(
            value =
                "side of the small crops in pixels; 0 for half of --size, of a ViT in whole patches",
            neutral = "0")
        int localSize,
    @Knob(
            value =
                "smallest and largest area share of a small crop, such as 0.05,0.2 (default: 0.05 to the smallest of a whole view)",
            neutral = "[]")
        List<Double> localScale,
    @Knob(
            value =
                "smallest and largest area share of a whole view beside small crops, such as 0.2,1 (default: --crop-min to 1)",
            neutral = "[]")
        List<Double> globalScale) {
  private static final double STRONGEST = 100;

  /** Whether views are blurred. */
  public enum Blur {
    /** Off at 32 px and below. */
    AUTO,
    /** As in the paper, half of the views. */
    ON,
    /** Never. */
    OFF
  }

  /** With MoCo v2's colours, the same blur for all views, and none solarised. */
  public ViewSettings(int size, List<Integer> progressiveSize, double cropMin, Blur blur) {
    this(
        size,
        progressiveSize,
        cropMin,
        List.of(),
        Augmentation.mocoV2(size).jitterProbability(),
        Augmentation.mocoV2(size).greyProbability(),
        Augmentation.mocoV2(size).flipProbability(),
        blur,
        List.of(),
        List.of(),
        0,
        0,
        List.of(),
        List.of());
  }

  /** Refuses values outside their ranges. */
  public ViewSettings {
    blurProbability = probabilities(blurProbability, "blurProbability");
    solarise = probabilities(solarise, "solarise");
    progressiveSize = List.copyOf(progressiveSize);
    Require.component(size >= 8 && size <= 4096, "size", size + " is not in 8 … 4096 pixels");
    Require.component(cropMin > 0 && cropMin <= 1, "cropMin", cropMin + " is not in (0, 1]");
    requireRising(progressiveSize, size);
    jitter = strengths(jitter);
    probability(jitterProbability, "jitterProbability");
    probability(greyProbability, "greyProbability");
    probability(flipProbability, "flipProbability");
    Require.component(
        localCrops >= 0 && localCrops <= 64, "localCrops", localCrops + " is not in 0 … 64");
    Require.component(
        localSize == 0 || (localSize >= 8 && localSize <= size),
        "localSize",
        localSize + " is neither 0 nor in 8 … {size} " + size);
    localScale = scale(localScale, "localScale");
    globalScale = scale(globalScale, "globalScale");
  }

  /** With this many small crops of each picture. */
  public ViewSettings localCrops(int localCrops) {
    return with("local-crops", localCrops);
  }

  /** With another side of the small crops. */
  public ViewSettings localSize(int localSize) {
    return with("local-size", localSize);
  }

  /** With other area shares of a small crop. */
  public ViewSettings localScale(List<Double> localScale) {
    return with("local-scale", localScale);
  }

  /** With other area shares of a whole view. */
  public ViewSettings globalScale(List<Double> globalScale) {
    return with("global-scale", globalScale);
  }

  private static List<Double> scale(List<Double> given, String component) {
    Require.component(
        given.isEmpty()
            || (given.size() == 2
                && given.get(0) > 0
                && given.get(0) <= given.get(1)
                && given.get(1) <= 1),
        component,
        given + " is not two rising area shares in (0, 1], such as 0.05,0.2");
    return List.copyOf(given);
  }

  /** With another side. */
  public ViewSettings size(int size) {
    return with("size", size);
  }

  /** With rising sides. */
  public ViewSettings progressiveSize(List<Integer> progressiveSize) {
    return with("progressive-size", progressiveSize);
  }

  /** With another smallest crop. */
  public ViewSettings cropMin(double cropMin) {
    return with("crop-min", cropMin);
  }

  /** With other strengths of brightness, contrast, saturation and hue. */
  public ViewSettings jitter(List<Double> jitter) {
    return with("jitter", jitter);
  }

  /** With another probability of changing colours. */
  public ViewSettings jitterProbability(double jitterProbability) {
    return with("jitter-probability", jitterProbability);
  }

  /** With another probability of losing all colour. */
  public ViewSettings greyProbability(double greyProbability) {
    return with("grey-probability", greyProbability);
  }

  /** With another probability of mirroring left and right. */
  public ViewSettings flipProbability(double flipProbability) {
    return with("flip-probability", flipProbability);
  }

  /** With another blur. */
  public ViewSettings blur(Blur blur) {
    return with("blur", blur);
  }

  /** With a probability of blur for each view. */
  public ViewSettings blurProbability(List<Double> blurProbability) {
    return with("blur-probability", blurProbability);
  }

  /** With a probability of solarising for each view. */
  public ViewSettings solarise(List<Double> solarise) {
    return with("solarise", solarise);
  }

  private ViewSettings with(String knob, Object value) {
    return Knobs.with(this, "", Map.of(knob, value));
  }

  private static List<Double> strengths(List<Double> given) {
    Require.component(
        given.isEmpty()
            || (given.size() == 4
                && given.stream().allMatch(one -> one >= 0 && one <= STRONGEST)
                && given.get(3) <= 0.5),
        "jitter",
        given
            + " is not four strengths in 0 … 100, of brightness, contrast, saturation and hue (at most 0.5), such as 0.4,0.4,0.2,0.1");
    return List.copyOf(given);
  }

  private static void probability(double value, String component) {
    Require.component(
        value >= 0 && value <= 1, component, value + " is not a probability in 0 … 1");
  }

  private static List<Double> probabilities(List<Double> given, String component) {
    given.forEach(value -> probability(value, component));
    return List.copyOf(given);
  }

  private static void requireRising(List<Integer> sizes, int size) {
    String component = "progressiveSize";
    String given = shown(sizes);
    for (int i = 0; i < sizes.size(); i++) {
      Require.component(sizes.get(i) >= 8, component, given + " holds a size below 8 pixels");
      Require.component(
          i == 0 || sizes.get(i) > sizes.get(i - 1),
          component,
          given + " does not rise; give the smallest size first");
    }
    Require.component(
        sizes.isEmpty() || sizes.get(sizes.size() - 1) == size,
        component,
        given + " does not end with {size} " + size + "; the full size comes last");
  }

  /** Sizes as they are typed. */
  static String shown(List<Integer> sizes) {
    return sizes.toString().replaceAll("[\\[\\] ]", "");
  }
}
