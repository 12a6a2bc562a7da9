package dev.millrace.vision.view;

import java.util.Arrays;

/**
 * Three box blurs along one axis at once, for boxes that reach one or two pixels: away from the
 * border they are one symmetric filter, and near it, where each box repeats the border of what the
 * box before it made, a small matrix.
 */
final class ThreeBoxes {
  /** Longest reach of a box, in pixels, that is known here. */
  static final int LONGEST = 2;

  /** Pixels of a row, in reaches, that its two borders need. */
  static final int WIDEST = 6;

  private static final int BOXES = 3;

  /** How far the filter of all three goes; as many pixels at the border are the matrix's. */
  private final int border;

  /** The filter from its middle to its end. */
  private final float[] filter;

  /** {@code [border, 2·border]}: a pixel near the border from those beside it. */
  private final float[][] matrix;

  private final float[] near;

  ThreeBoxes(int reach, double radius) {
    border = BOXES * reach;
    near = new float[2 * border];
    float[] line = new float[4 * border];
    line[2 * border] = 1;
    filter = Arrays.copyOfRange(boxes(line, radius), 2 * border, 3 * border + 1);
    matrix = new float[border][2 * border];
    for (int i = 0; i < 2 * border; i++) {
      Arrays.fill(line, 0);
      line[i] = 1;
      float[] answer = boxes(line, radius);
      for (int j = 0; j < border; j++) {
        matrix[j][i] = answer[j];
      }
    }
  }

  /** What three boxes make of one row. */
  private static float[] boxes(float[] row, double radius) {
    float[] from = row;
    for (int box = 0; box < BOXES; box++) {
      float[] to = new float[row.length];
      Blur.across(from, to, radius);
      from = to;
    }
    return from;
  }

  /**
   * Filters rows, from one array to another.
   *
   * @param from {@code [rows, size]}
   * @param shifted scratch, 2·border arrays as long: loops over neighbours of a pixel do not become
   *     vector instructions, loops over shifted copies do
   * @param to as long
   */
  void across(float[] from, int size, float[][] shifted, float[] to) {
    int n = from.length;
    for (int k = 1; k <= border; k++) {
      System.arraycopy(from, 0, shifted[2 * k - 2], k, n - k);
      System.arraycopy(from, k, shifted[2 * k - 1], 0, n - k);
    }
    // All rows as one: what is wrong at their ends is written over.
    float[][] s = shifted;
    three(from, filter[0], s[0], s[1], filter[1], to);
    for (int k = 2; k < border; k += 2) {
      four(s[2 * k - 2], s[2 * k - 1], filter[k], s[2 * k], s[2 * k + 1], filter[k + 1], to);
    }
    if (border % 2 == 0) {
      Blur.addBoth(s[2 * border - 2], s[2 * border - 1], filter[border], to);
    }
    for (int row = 0; row < n; row += size) {
      edge(from, row, 1, to);
      edge(from, row + size - 1, -1, to);
    }
  }

  /** The border pixels of one row, from its end inwards. */
  private void edge(float[] from, int end, int step, float[] to) {
    for (int i = 0; i < near.length; i++) {
      near[i] = from[end + i * step];
    }
    for (int j = 0; j < border; j++) {
      float[] weights = matrix[j];
      float sum = 0;
      for (int i = 0; i <= j + border; i++) {
        sum += weights[i] * near[i];
      }
      to[end + j * step] = sum;
    }
  }

  /** Filters all columns, from one plane to another; {@code [size][size]}. */
  void down(float[][] from, float[][] to) {
    int last = from.length - 1;
    for (int y = border; y <= last - border; y++) {
      float[] row = to[y];
      three(from[y], filter[0], from[y - 1], from[y + 1], filter[1], row);
      for (int k = 2; k < border; k += 2) {
        four(
            from[y - k],
            from[y + k],
            filter[k],
            from[y - k - 1],
            from[y + k + 1],
            filter[k + 1],
            row);
      }
      if (border % 2 == 0) {
        Blur.addBoth(from[y - border], from[y + border], filter[border], row);
      }
    }
    for (int j = 0; j < border; j++) {
      Arrays.fill(to[j], 0);
      Arrays.fill(to[last - j], 0);
      for (int i = 0; i <= j + border; i++) {
        Blur.add(from[i], matrix[j][i], to[j]);
        Blur.add(from[last - i], matrix[j][i], to[last - j]);
      }
    }
  }

  private static void three(float[] middle, float w0, float[] a, float[] b, float w1, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = w0 * middle[i] + w1 * (a[i] + b[i]);
    }
  }

  private static void four(
      float[] a, float[] b, float w1, float[] c, float[] d, float w2, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += w1 * (a[i] + b[i]) + w2 * (c[i] + d[i]);
    }
  }
}
