package dev.millrace.vision.view;

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

  /** {@code [count][outputs]}; the weights of each output sum to 1. */
  float[][] weights = new float[0][];

  private double[] row = new double[0];

  /**
   * Computes the taps of outputs from … from + outputs − 1.
   *
   * @param in pixels of the axis
   * @param origin where output 0 begins, in pixels, from 0 up
   * @param scale pixels of the axis that an output spans
   */
  void prepare(int in, double origin, double scale, int from, int outputs) {
    double stretch = Math.max(1, scale);
    // A triangle of half-width `stretch` covers at most so many pixel centres; even, for pairs.
    int most = (int) Math.ceil(2 * stretch);
    count = Math.min(in, most + (most & 1));
    room(outputs);
    double slope = 1 / stretch;
    for (int i = 0; i < outputs; i++) {
      double centre = origin + (from + i + 0.5) * scale;
      int low = Math.max(0, (int) (centre - stretch + 0.5));
      int high = Math.min(in, (int) (centre + stretch + 0.5));
      int start = Math.min(low, in - count);
      first[i] = start;
      double sum = 0;
      for (int k = 0; k < count; k++) {
        int x = start + k;
        double weight = x < low || x >= high ? 0 : 1 - Math.abs(x - centre + 0.5) * slope;
        row[k] = Math.max(0, weight);
        sum += row[k];
      }
      double share = 1 / sum;
      for (int k = 0; k < count; k++) {
        weights[k][i] = (float) (row[k] * share);
      }
    }
  }

  /** Changes the order of the outputs: what they show is mirrored. */
  void reverse(int outputs) {
    for (int i = 0, j = outputs - 1; i < j; i++, j--) {
      int place = first[i];
      first[i] = first[j];
      first[j] = place;
      for (int k = 0; k < count; k++) {
        float weight = weights[k][i];
        weights[k][i] = weights[k][j];
        weights[k][j] = weight;
      }
    }
  }

  private void room(int outputs) {
    if (first.length < outputs) {
      first = new int[outputs];
      weights = new float[0][];
    }
    if (weights.length < count) {
      weights = new float[count][first.length];
      row = new double[count];
    }
  }
}
