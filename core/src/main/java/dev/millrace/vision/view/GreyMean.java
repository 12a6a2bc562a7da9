package dev.millrace.vision.view;

import java.util.Arrays;

/**
 * The mean of a grey picture, rounded to a whole number as Pillow's contrast takes it, gathered
 * band by band. Many running sums stand side by side, so that the loop makes vector instructions;
 * the order of additions is fixed. Reused from view to view; not thread-safe.
 */
final class GreyMean {
  private float[] sums = new float[0];
  private int width;
  private int pixels;

  /** Forgets the picture before; no band that follows is longer than this. */
  void start(int longest) {
    if (sums.length < longest) {
      sums = new float[longest];
    }
    width = longest;
    Arrays.fill(sums, 0, longest, 0);
    pixels = 0;
  }

  /** Counts n pixels more. */
  void add(float[] r, float[] g, float[] b, int n) {
    add(sums, r, g, b, n);
    pixels += n;
  }

  private static void add(float[] sums, float[] r, float[] g, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      sums[i] += Colour.RED * r[i] + Colour.GREEN * g[i] + Colour.BLUE * b[i];
    }
  }

  /** Of all that was added, at least one pixel. */
  float value() {
    double total = 0;
    for (int i = 0; i < width; i++) {
      total += sums[i];
    }
    return (float) Math.floor(total / pixels + 0.5);
  }
}
