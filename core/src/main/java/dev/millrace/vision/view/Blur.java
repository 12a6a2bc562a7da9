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
  private final float[] band;
  private final float[][] shifted;

  /**
   * For planes of one size.
   *
   * @param size side of a plane in pixels
   * @param pixels of each band that a plane comes in, whole rows
   */
  Blur(int size, int pixels) {
    this.size = size;
    rows = new float[size][size];
    spare = new float[size][size];
    band = new float[pixels];
    shifted = new float[2 * PASSES * ThreeBoxes.LONGEST][pixels];
  }

  /**
   * Blurs a plane in place.
   *
   * @param bands the plane {@code [size, size]} as arrays of one or more whole rows each
   * @param sigma standard deviation in pixels, above 0
   */
  void gaussian(float[][] bands, double sigma) {
    double radius = boxRadius(sigma);
    int reach = (int) radius + 1;
    int each = band.length / size;
    boolean three = reach <= ThreeBoxes.LONGEST && size >= ThreeBoxes.WIDEST * reach;
    ThreeBoxes boxes = three ? new ThreeBoxes(reach, radius) : null;
    for (int b = 0; b < bands.length; b++) {
      float[] from = bands[b];
      if (three) {
        boxes.across(from, size, shifted, band);
        from = band;
      }
      for (int y = 0; y < each; y++) {
        System.arraycopy(from, y * size, rows[b * each + y], 0, size);
      }
    }
    if (three) {
      boxes.down(rows, spare);
      swap();
    } else {
      oneByOne(radius);
    }
    for (int y = 0; y < size; y++) {
      System.arraycopy(rows[y], 0, bands[y / each], y % each * size, size);
    }
  }

  private void oneByOne(double radius) {
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
