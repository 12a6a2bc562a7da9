package dev.millrace.vision.view;

/** What one thread needs to make views, kept from view to view so that none allocates. */
final class Scratch {
  final Taps across = new Taps();
  final Taps down = new Taps();

  /** The view so far: {@code [height, width]} each, in [0, 255]. */
  float[] red = new float[0];

  float[] green = new float[0];
  float[] blue = new float[0];

  /** Spare planes of the same size. */
  float[] spare1 = new float[0];

  float[] spare2 = new float[0];
  float[] spare3 = new float[0];

  /** The view as it is written out: {@code [height, width, 3]}. */
  float[] result = new float[0];

  private float[] band = new float[0];
  private float[] line = new float[0];

  /** Makes room for a square view of this size. */
  void fit(int size) {
    fit(size, size);
  }

  /** Makes room for a view of these sides. */
  void fit(int width, int height) {
    int n = width * height;
    if (red.length < n) {
      red = new float[n];
      green = new float[n];
      blue = new float[n];
      spare1 = new float[n];
      spare2 = new float[n];
      spare3 = new float[n];
      result = new float[3 * n];
    }
  }

  /** Rows resized across but not yet down. */
  float[] band(int length) {
    if (band.length < length) {
      band = new float[length];
    }
    return band;
  }

  /** One resized row of all three planes. */
  float[] line(int length) {
    if (line.length < length) {
      line = new float[length];
    }
    return line;
  }
}
