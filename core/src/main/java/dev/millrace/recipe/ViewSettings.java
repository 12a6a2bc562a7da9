package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.List;

/**
 * How pictures are cut and changed before they are learned from. Immutable.
 *
 * @param size side of the views, 8 … 4096 pixels
 * @param progressiveSize sides of the views in equal parts of each chunk's epochs, rising, {@code
 *     size} last; empty for that size throughout
 * @param cropMin smallest area share of a crop, in (0, 1]; the paper's is 0.2
 * @param blur Gaussian blur
 * @param blurProbability of a Gaussian blur of each view, in 0 … 1, the last of all further views,
 *     too; empty for {@code blur}'s of all
 * @param solarise probability of inverting bright pixels of each view, likewise; empty for never
 */
public record ViewSettings(
    @Knob("side of the views in pixels") int size,
    @Knob(
            "rising sides of the views in equal parts of each chunk's epochs, --size last (default: --size throughout)")
        List<Integer> progressiveSize,
    @Knob("smallest area share of a random crop") double cropMin,
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
        List<Double> solarise) {
  /** Whether views are blurred. */
  public enum Blur {
    /** Off at 32 px and below. */
    AUTO,
    /** As in the paper, half of the views. */
    ON,
    /** Never. */
    OFF
  }

  /** With the same blur for all views, and none solarised. */
  public ViewSettings(int size, List<Integer> progressiveSize, double cropMin, Blur blur) {
    this(size, progressiveSize, cropMin, blur, List.of(), List.of());
  }

  /** Refuses values outside their ranges. */
  public ViewSettings {
    blurProbability = probabilities(blurProbability, "blurProbability");
    solarise = probabilities(solarise, "solarise");
    progressiveSize = List.copyOf(progressiveSize);
    Require.component(size >= 8 && size <= 4096, "size", size + " is not in 8 … 4096 pixels");
    Require.component(cropMin > 0 && cropMin <= 1, "cropMin", cropMin + " is not in (0, 1]");
    requireRising(progressiveSize, size);
  }

  /** With another side. */
  public ViewSettings size(int size) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  /** With rising sides. */
  public ViewSettings progressiveSize(List<Integer> progressiveSize) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  /** With another smallest crop. */
  public ViewSettings cropMin(double cropMin) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  /** With another blur. */
  public ViewSettings blur(Blur blur) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  /** With a probability of blur for each view. */
  public ViewSettings blurProbability(List<Double> blurProbability) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  /** With a probability of solarising for each view. */
  public ViewSettings solarise(List<Double> solarise) {
    return new ViewSettings(size, progressiveSize, cropMin, blur, blurProbability, solarise);
  }

  private static List<Double> probabilities(List<Double> given, String component) {
    for (double value : given) {
      Require.component(
          value >= 0 && value <= 1, component, value + " is not a probability in 0 … 1");
    }
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
