package dev.millrace.vision.view;

/**
 * Colour changes on planes of red, green and blue in [0, 255], in place; each clamps its result to
 * that range, as Pillow does. Loops are plain, without branches, and index every array by the
 * loop's own variable: of these alone the JIT compiler of Java 17 makes vector instructions.
 */
final class Colour {
  // Pillow's integer weights of grey (ITU-R BT.601).
  static final float RED = 19595 / 65536f;
  static final float GREEN = 38470 / 65536f;
  static final float BLUE = 7471 / 65536f;

  // Adding and taking away 1.5 · 2²³ rounds a float to the nearest whole number.
  private static final float ROUND = 12582912f;

  /** Beside a chroma of 0, of greys, which have no hue. */
  private static final float TINY = 1e-6f;

  /** Steeper than any chroma that can be seen: a channel this little below the largest is it. */
  private static final float STEEP = 0x1p20f;

  private Colour() {}

  /** To [0, 255]. Absolute values are one instruction; Java's min and max are five. */
  private static float clamp(float x) {
    return 0.5f * (Math.abs(x) - Math.abs(x - 255) + 255);
  }

  /** Pillow's ImageEnhance.Brightness: blends with black. */
  static void brightness(float[] plane, int n, float factor) {
    for (int i = 0; i < n; i++) {
      plane[i] = clamp(plane[i] * factor);
    }
  }

  /**
   * Pillow's ImageEnhance.Contrast: blends with the mean of the whole grey picture.
   *
   * @param mean what {@link GreyMean} says of the picture before this change
   */
  static void contrast(float[] plane, int n, float factor, float mean) {
    float rest = mean - mean * factor;
    for (int i = 0; i < n; i++) {
      plane[i] = clamp(plane[i] * factor + rest);
    }
  }

  /**
   * Pillow's ImageEnhance.Color: blends each pixel with its grey.
   *
   * @param grey scratch of n floats
   */
  static void saturation(float[] r, float[] g, float[] b, int n, float factor, float[] grey) {
    float rest = 1 - factor;
    for (int i = 0; i < n; i++) {
      grey[i] = rest * (RED * r[i] + GREEN * g[i] + BLUE * b[i]);
    }
    blend(r, n, factor, grey);
    blend(g, n, factor, grey);
    blend(b, n, factor, grey);
  }

  private static void blend(float[] plane, int n, float factor, float[] with) {
    for (int i = 0; i < n; i++) {
      plane[i] = clamp(plane[i] * factor + with[i]);
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
   * @param inverse scratch of n floats
   */
  static void hue(
      float[] r,
      float[] g,
      float[] b,
      int n,
      float turn,
      float[] value,
      float[] chroma,
      float[] hue,
      float[] inverse) {
    spread(r, g, b, n, value, chroma);
    invert(chroma, n, inverse);
    ifBlue(r, g, n, inverse, hue);
    ifGreen(r, g, b, n, value, inverse, hue);
    ifRed(r, g, b, n, value, inverse, hue);
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

  private static void invert(float[] chroma, int n, float[] inverse) {
    for (int i = 0; i < n; i++) {
      inverse[i] = 1 / (chroma[i] + TINY);
    }
  }

  // The hue in [−1, 5]: its formula depends on which channel is the largest. The choice is made by
  // arithmetic, in three loops because longer ones are not made vector instructions.

  private static void ifBlue(float[] r, float[] g, int n, float[] inverse, float[] hue) {
    for (int i = 0; i < n; i++) {
      hue[i] = 4 + (r[i] - g[i]) * inverse[i];
    }
  }

  private static void ifGreen(
      float[] r, float[] g, float[] b, int n, float[] value, float[] inverse, float[] hue) {
    for (int i = 0; i < n; i++) {
      float is = 1 - (value[i] - g[i]) * STEEP;
      float far = 2 + (b[i] - r[i]) * inverse[i] - hue[i];
      hue[i] += 0.5f * (is + Math.abs(is)) * far;
    }
  }

  private static void ifRed(
      float[] r, float[] g, float[] b, int n, float[] value, float[] inverse, float[] hue) {
    for (int i = 0; i < n; i++) {
      float is = 1 - (value[i] - r[i]) * STEEP;
      float far = (g[i] - b[i]) * inverse[i] - hue[i];
      hue[i] += 0.5f * (is + Math.abs(is)) * far;
    }
  }

  /** A channel from HSV: full within a sixth of the circle of its place, none beyond a third. */
  private static void channel(
      float[] plane, int n, float shift, float[] value, float[] chroma, float[] hue) {
    for (int i = 0; i < n; i++) {
      float far = hue[i] + shift;
      float turns = far * (1 / 6f) + ROUND - ROUND;
      float distance = Math.abs(far - 6 * turns);
      // What is beyond 1, to at most 1, twice.
      float beyond = 1 + Math.abs(distance - 1) - Math.abs(distance - 2);
      plane[i] = value[i] - chroma[i] * 0.5f * beyond;
    }
  }
}
