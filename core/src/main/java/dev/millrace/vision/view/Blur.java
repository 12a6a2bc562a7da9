package dev.millrace.vision.view;

/**
 * Pillow's ImageFilter.GaussianBlur: three box blurs whose boxes have fractional ends, so that the
 * deviation is met exactly (Gwosdek, Grewenig, Bruhn, Weickert, "Theoretical foundations of
 * Gaussian convolution by extended box filtering", SSVM 2011). Pixels beyond the border equal the
 * border's. For square planes of one size; keeps its room from plane to plane; not thread-safe.
 */
final class Blur {
  private static final int PASSES = 3;

  private final int size;
  private final float[][] rows;
  private final float[][] spare;
  private final float[][] shifted;

  Blur(int size) {
    this.size = size;
    rows = new float[size][];
    spare = new float[size][size];
    shifted = new float[2 * PASSES * ThreeBoxes.LONGEST][size];
  }

  /**
   * Blurs a plane in place.
   *
   * @param bands the plane {@code [size, size]} as arrays of one or more whole rows each
   * @param sigma standard deviation in pixels, above 0
   */
  void gaussian(float[][] bands, double sigma) {
    boolean whole = bands.length != size;
    for (int y = 0; y < size; y++) {
      rows[y] = whole ? row(bands, y) : bands[y];
    }
    blur(sigma);
    for (int y = 0; y < size; y++) {
      if (whole) {
        int each = size / bands.length;
        System.arraycopy(rows[y], 0, bands[y / each], y % each * size, size);
      } else {
        bands[y] = rows[y];
      }
    }
  }

  private float[] row(float[][] bands, int y) {
    int each = size / bands.length;
    float[] row = new float[size];
    System.arraycopy(bands[y / each], y % each * size, row, 0, size);
    return row;
  }

  private void blur(double sigma) {
    double radius = boxRadius(sigma);
    int reach = (int) radius + 1;
    if (reach <= ThreeBoxes.LONGEST && size >= ThreeBoxes.WIDEST * reach) {
      ThreeBoxes boxes = new ThreeBoxes(reach, radius);
      for (float[] row : rows) {
        boxes.across(row, shifted);
      }
      boxes.down(rows, spare);
      swap();
      return;
    }
    for (int pass = 0; pass < PASSES; pass++) {
      for (int y = 0; y < size; y++) {
        across(rows[y], spare[y], radius);
      }
      swap();
    }
    for (int pass = 0; pass < PASSES; pass++) {
      down(rows, spare, radius);
      swap();
    }
  }

  /** What was written to the spare rows becomes the plane. */
  private void swap() {
    for (int y = 0; y < size; y++) {
      float[] row = rows[y];
      rows[y] = spare[y];
      spare[y] = row;
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

  /** Weight of each pixel that is wholly in the box. */
  private static float inner(double radius) {
    return (float) (1 / (2 * radius + 1));
  }

  /** Weight of the pixel at each end of the box. */
  private static float outer(double radius) {
    return (float) ((radius - (int) radius) / (2 * radius + 1));
  }

  /** One box blur of a row, from one array to another. */
  static void across(float[] from, float[] to, double radius) {
    int whole = (int) radius;
    float inner = inner(radius);
    float outer = outer(radius);
    int last = from.length - 1;
    for (int x = 0; x <= last; x++) {
      float sum = 0;
      for (int k = x - whole; k <= x + whole; k++) {
        sum += from[inside(k, last)];
      }
      float ends = from[inside(x - whole - 1, last)] + from[inside(x + whole + 1, last)];
      to[x] = inner * sum + outer * ends;
    }
  }

  /** One box blur of all columns, from one plane to another; {@code [size][size]}. */
  static void down(float[][] from, float[][] to, double radius) {
    int whole = (int) radius;
    float inner = inner(radius);
    float outer = outer(radius);
    int last = from.length - 1;
    for (int y = 0; y <= last; y++) {
      float[] row = to[y];
      weigh(from[inside(y - whole - 1, last)], from[inside(y + whole + 1, last)], outer, row);
      for (int k = 1; k <= whole; k++) {
        addBoth(from[inside(y - k, last)], from[inside(y + k, last)], inner, row);
      }
      add(from[y], inner, row);
    }
  }

  private static int inside(int k, int last) {
    return Math.max(0, Math.min(last, k));
  }

  /** to = w (a + b). */
  static void weigh(float[] a, float[] b, float w, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = w * (a[i] + b[i]);
    }
  }

  /** to += w (a + b). */
  static void addBoth(float[] a, float[] b, float w, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += w * (a[i] + b[i]);
    }
  }

  /** to += w a. */
  static void add(float[] a, float w, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += w * a[i];
    }
  }
}
