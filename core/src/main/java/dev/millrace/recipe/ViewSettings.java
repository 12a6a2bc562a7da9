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
 */
public record ViewSettings(
    @Knob("side of the views in pixels") int size,
    @Knob(
            "rising sides of the views in equal parts of each chunk's epochs, --size last (default: --size throughout)")
        List<Integer> progressiveSize,
    @Knob("smallest area share of a random crop") double cropMin,
    @Knob("Gaussian blur: auto (off at 32 pixels and below), on or off") Blur blur) {
  /** Whether views are blurred. */
  public enum Blur {
    /** Off at 32 px and below. */
    AUTO,
    /** As in the paper, half of the views. */
    ON,
    /** Never. */
    OFF
  }

  /** Refuses values outside their ranges. */
  public ViewSettings {
    progressiveSize = List.copyOf(progressiveSize);
    Require.component(size >= 8 && size <= 4096, "size", size + " is not in 8 … 4096 pixels");
    Require.component(cropMin > 0 && cropMin <= 1, "cropMin", cropMin + " is not in (0, 1]");
    requireRising(progressiveSize, size);
  }

  /** With another side. */
  public ViewSettings size(int size) {
    return new ViewSettings(size, progressiveSize, cropMin, blur);
  }

  /** With rising sides. */
  public ViewSettings progressiveSize(List<Integer> progressiveSize) {
    return new ViewSettings(size, progressiveSize, cropMin, blur);
  }

  /** With another smallest crop. */
  public ViewSettings cropMin(double cropMin) {
    return new ViewSettings(size, progressiveSize, cropMin, blur);
  }

  /** With another blur. */
  public ViewSettings blur(Blur blur) {
    return new ViewSettings(size, progressiveSize, cropMin, blur);
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
