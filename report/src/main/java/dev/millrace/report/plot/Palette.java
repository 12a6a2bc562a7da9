package dev.millrace.report.plot;

import java.util.Locale;

/**
 * Colours that people with any colour vision tell apart: Okabe and Ito's for series (in {@code
 * plot.css}, each with a dash and a mark of its own), viridis and cividis for heat maps.
 */
public enum Palette {
  /** From dark violet to yellow, for what is better when higher. */
  VIRIDIS(
      0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
      0xfde725),
  /** From dark blue to yellow, for losses. */
  CIVIDIS(
      0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173, 0x8a8678, 0xa59c74, 0xc3b369, 0xe1cc55,
      0xfee838);

  /** How many styles of series there are. */
  public static final int STYLES = 8;

  private final int[] stops;

  Palette(int... stops) {
    this.stops = stops;
  }

  /** The style of a series' number: there are only so many. */
  static int style(int number) {
    return Math.floorMod(number, STYLES);
  }

  /** The colour of a share from 0 to 1, as {@code #rrggbb}; what lies outside is at the end. */
  public String at(double share) {
    return String.format(Locale.ROOT, "#%06x", rgb(share));
  }

  /** Black or white, whichever reads better on the colour of a share. */
  public String inkOn(double share) {
    int rgb = rgb(share);
    double luminance =
        0.2126 * linear(rgb >> 16 & 255)
            + 0.7152 * linear(rgb >> 8 & 255)
            + 0.0722 * linear(rgb & 255);
    // Equal contrast to both (WCAG): (L + 0.05)² = 1.05 · 0.05.
    return luminance > 0.179 ? "#000" : "#fff";
  }

  private int rgb(double share) {
    double place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    int below = Math.min((int) place, stops.length - 2);
    double part = place - below;
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = stops[below] >> shift & 255;
      int b = stops[below + 1] >> shift & 255;
      rgb |= (int) Math.round(a + part * (b - a)) << shift;
    }
    return rgb;
  }

  private static double linear(int channel) {
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  }
}
