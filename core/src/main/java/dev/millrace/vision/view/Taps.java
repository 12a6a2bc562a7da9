package dev.millrace.vision.view;

import java.util.Arrays;

/**
 * The weights of an antialiased linear resize along one axis: Pillow's BILINEAR, a triangle whose
 * support grows with the scale when shrinking. Every output has the same number of taps; those at
 * the picture's border have zeros. Reused from view to view; not thread-safe.
 */
final class Taps {
  /** Taps of every output. */
  int count;

  /** Input of the first tap of each output; all taps lie within the input. */
  int[] first = new int[0];

  /** {@code [outputs, count]}, each row sums to 1. */
  float[] weights = new float[0];

  /**
   * Computes the taps of outputs from … from + outputs − 1 of an axis resized from {@code in} to
   * {@code out} pixels.
   */
  void prepare(int in, int out, int from, int outputs) {
    double scale = (double) in / out;
    double stretch = Math.max(1, scale);
    // A triangle of half-width `stretch` covers at most this many pixel centres.
    count = Math.min(in, scale <= 1 ? 2 : (int) Math.ceil(2 * stretch) + 1);
    if (first.length < outputs) {
      first = new int[outputs];
    }
    if (weights.length < outputs * count) {
      weights = new float[outputs * count];
    }
    Arrays.fill(weights, 0, outputs * count, 0);
    for (int i = 0; i < outputs; i++) {
      double centre = (from + i + 0.5) * scale;
      int low = Math.max(0, (int) (centre - stretch + 0.5));
      int high = Math.min(in, (int) (centre + stretch + 0.5));
      double sum = 0;
      for (int x = low; x < high; x++) {
        sum += triangle((x - centre + 0.5) / stretch);
      }
      int start = Math.min(low, in - count);
      first[i] = start;
      for (int x = low; x < high; x++) {
        weights[i * count + x - start] = (float) (triangle((x - centre + 0.5) / stretch) / sum);
      }
    }
  }

  private static double triangle(double x) {
    return Math.max(0, 1 - Math.abs(x));
  }
}
