package dev.millrace.vision.view;

/**
 * Colour changes on planes of red, green and blue in [0, 255], in place; each clamps its result to
 * that range, as Pillow does. Loops are plain and without branches, so that the JIT compiler makes
 * vector instructions of them.
 */
final class Colour {
  // Pillow's integer weights of grey (ITU-R BT.601).
  private static final float RED = 19595 / 65536f;
  private static final float GREEN = 38470 / 65536f;
  private static final float BLUE = 7471 / 65536f;

  // Adding and taking away 1.5 · 2²³ rounds a float to the nearest whole number.
  private static final float ROUND = 12582912f;
  // The largest float below 1, and what its distance from 1 must be multiplied by to give 1.
  private static final float BELOW_ONE = 0x0.ffffffp0f;
  private static final float STEP = 0x1.0p24f;

  private Colour() {}

  /** Pillow's ImageEnhance.Brightness: blends with black. */
  static void brightness(float[] plane, int n, float factor) {
    for (int i = 0; i < n; i++) {
      plane[i] = Math.min(255f, Math.max(0f, plane[i] * factor));
    }
  }

  /**
   * Pillow's ImageEnhance.Contrast: blends with the mean of the grey picture, rounded to a whole
   * number.
   */
  static void contrast(float[] r, float[] g, float[] b, int n, float factor) {
    float mean =
        (float) Math.floor((RED * sum(r, n) + GREEN * sum(g, n) + BLUE * sum(b, n)) / n + 0.5);
    blend(r, n, mean, factor);
    blend(g, n, mean, factor);
    blend(b, n, mean, factor);
  }

  private static void blend(float[] plane, int n, float with, float factor) {
    float rest = with - with * factor;
    for (int i = 0; i < n; i++) {
      plane[i] = Math.min(255f, Math.max(0f, plane[i] * factor + rest));
    }
  }

  /** A fixed order of additions: four running sums, so that they need not wait for each other. */
  private static double sum(float[] plane, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      s0 += plane[i];
      s1 += plane[i + 1];
      s2 += plane[i + 2];
      s3 += plane[i + 3];
    }
    for (; i < n; i++) {
      s0 += plane[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  /** Pillow's ImageEnhance.Color: blends each pixel with its grey. */
  static void saturation(float[] r, float[] g, float[] b, int n, float factor) {
    float rest = 1 - factor;
    for (int i = 0; i < n; i++) {
      float grey = rest * (RED * r[i] + GREEN * g[i] + BLUE * b[i]);
      r[i] = Math.min(255f, Math.max(0f, r[i] * factor + grey));
      g[i] = Math.min(255f, Math.max(0f, g[i] * factor + grey));
      b[i] = Math.min(255f, Math.max(0f, b[i] * factor + grey));
    }
  }

  /** All three planes to Pillow's luma. */
  static void grey(float[] r, float[] g, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      float grey = RED * r[i] + GREEN * g[i] + BLUE * b[i];
      r[i] = grey;
      g[i] = grey;
      b[i] = grey;
    }
  }

  /**
   * Turns the hue of HSV and leaves saturation and value.
   *
   * @param turn of a full circle, in [−0.5, 0.5]
   * @param value scratch of n floats
   * @param chroma scratch of n floats
   * @param hue scratch of n floats
   */
  static void hue(
      float[] r,
      float[] g,
      float[] b,
      int n,
      float turn,
      float[] value,
      float[] chroma,
      float[] hue) {
    spread(r, g, b, n, value, chroma);
    angle(r, g, b, n, value, chroma, hue);
    // Places of the channels on a circle of 6: red 0, green 2, blue 4.
    channel(r, n, 6 * turn, value, chroma, hue);
    channel(g, n, 6 * turn - 2f, value, chroma, hue);
    channel(b, n, 6 * turn - 4f, value, chroma, hue);
  }

  private static void spread(
      float[] r, float[] g, float[] b, int n, float[] value, float[] chroma) {
    for (int i = 0; i < n; i++) {
      float max = Math.max(r[i], Math.max(g[i], b[i]));
      float min = Math.min(r[i], Math.min(g[i], b[i]));
      value[i] = max;
      chroma[i] = max - min;
    }
  }

  /**
   * The hue in [−1, 5]: its formula depends on which channel is the largest. The choice is made by
   * arithmetic: a channel's share of the chroma is exactly 1 for the largest and at most the float
   * below 1 for any other.
   */
  private static void angle(
      float[] r, float[] g, float[] b, int n, float[] value, float[] chroma, float[] hue) {
    for (int i = 0; i < n; i++) {
      float scale = Math.max(chroma[i], 1e-6f);
      float x = 1 - (value[i] - r[i]) / scale;
      float y = 1 - (value[i] - g[i]) / scale;
      float z = 1 - (value[i] - b[i]) / scale;
      float isRed = Math.max(0f, x - BELOW_ONE) * STEP;
      float isGreen = Math.max(0f, y - BELOW_ONE) * STEP;
      float elseBlue = 4 + x - y;
      float elseGreen = elseBlue + isGreen * (2 + z - x - elseBlue);
      hue[i] = elseGreen + isRed * (y - z - elseGreen);
    }
  }

  /** A channel from HSV: full within a sixth of the circle of its place, none beyond a third. */
  private static void channel(
      float[] plane, int n, float shift, float[] value, float[] chroma, float[] hue) {
    for (int i = 0; i < n; i++) {
      float far = hue[i] + shift;
      float turns = far * (1 / 6f) + ROUND - ROUND;
      float distance = Math.abs(far - 6 * turns);
      plane[i] = value[i] - chroma[i] * Math.min(1f, Math.max(0f, distance - 1));
    }
  }
}
