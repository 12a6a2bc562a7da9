package dev.millrace.vision.view;

/**
 * Pillow's ImageFilter.GaussianBlur: three box blurs whose boxes have fractional ends, so that the
 * deviation is met exactly (Gwosdek, Grewenig, Bruhn, Weickert, "Theoretical foundations of
 * Gaussian convolution by extended box filtering", SSVM 2011). Pixels beyond the border equal the
 * border's.
 */
final class Blur {
  private static final int PASSES = 3;

  private Blur() {}

  /**
   * Blurs a square plane in place.
   *
   * @param plane {@code [size, size]}
   * @param sigma standard deviation in pixels, above 0
   * @param spare scratch of size × size floats
   */
  static void gaussian(float[] plane, int size, double sigma, float[] spare) {
    double radius = boxRadius(sigma);
    float[] from = plane;
    float[] to = spare;
    for (int pass = 0; pass < 2 * PASSES; pass++) {
      box(from, to, size, radius, pass < PASSES);
      float[] swap = from;
      from = to;
      to = swap;
    }
    // An even number of passes: the result is back in `plane`.
  }

  /** One box blur along one axis: from one plane to another. */
  static void box(float[] from, float[] to, int size, double radius, boolean across) {
    int whole = (int) radius;
    float inner = (float) (1 / (2 * radius + 1));
    float outer = (float) ((radius - whole) / (2 * radius + 1));
    if (across) {
      across(from, to, size, whole, inner, outer);
    } else {
      down(from, to, size, whole, inner, outer);
    }
  }

  /** Half-width of the box, less the middle pixel, that gives a third of the variance. */
  static double boxRadius(double sigma) {
    double variance = sigma * sigma / PASSES;
    double length = Math.sqrt(12 * variance + 1);
    double whole = Math.floor((length - 1) / 2);
    double part =
        (2 * whole + 1)
            * (whole * (whole + 1) - 3 * variance)
            / (6 * (variance - (whole + 1) * (whole + 1)));
    return whole + part;
  }

  private static void across(
      float[] from, float[] to, int size, int whole, float inner, float outer) {
    int reach = whole + 1;
    int low = Math.min(reach, size);
    int high = Math.max(low, size - reach);
    for (int y = 0; y < size; y++) {
      int row = y * size;
      for (int x = 0; x < low; x++) {
        to[row + x] = edge(from, row, size, x, whole, inner, outer);
      }
      middle(from, to, row + low, row + high, whole, inner, outer);
      for (int x = high; x < size; x++) {
        to[row + x] = edge(from, row, size, x, whole, inner, outer);
      }
    }
  }

  private static void middle(
      float[] from, float[] to, int start, int end, int whole, float inner, float outer) {
    for (int i = start; i < end; i++) {
      to[i] = outer * (from[i - whole - 1] + from[i + whole + 1]) + inner * from[i];
    }
    for (int k = 1; k <= whole; k++) {
      for (int i = start; i < end; i++) {
        to[i] += inner * (from[i - k] + from[i + k]);
      }
    }
  }

  private static float edge(
      float[] from, int row, int size, int x, int whole, float inner, float outer) {
    int last = size - 1;
    float sum = 0;
    for (int k = -whole; k <= whole; k++) {
      sum += from[row + Math.max(0, Math.min(last, x + k))];
    }
    float ends = from[row + Math.max(0, x - whole - 1)] + from[row + Math.min(last, x + whole + 1)];
    return inner * sum + outer * ends;
  }

  private static void down(
      float[] from, float[] to, int size, int whole, float inner, float outer) {
    int last = size - 1;
    for (int y = 0; y < size; y++) {
      int above = Math.max(0, y - whole - 1) * size;
      int below = Math.min(last, y + whole + 1) * size;
      int row = y * size;
      for (int x = 0; x < size; x++) {
        to[row + x] = outer * (from[above + x] + from[below + x]) + inner * from[row + x];
      }
      for (int k = 1; k <= whole; k++) {
        int up = Math.max(0, y - k) * size;
        int under = Math.min(last, y + k) * size;
        for (int x = 0; x < size; x++) {
          to[row + x] += inner * (from[up + x] + from[under + x]);
        }
      }
    }
  }
}
