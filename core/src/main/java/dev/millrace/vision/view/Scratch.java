package dev.millrace.vision.view;

/** What one thread needs to make views, kept from view to view so that none allocates. */
final class Scratch {
  /** A view of this many pixels, or fewer, is one band. */
  private static final int SMALL = 64 * 64;

  /** Pixels of a larger view's band, about: all planes of one stay in the fastest cache. */
  private static final int BAND = 1024;

  final Resize resize = new Resize();
  final GreyMean mean = new GreyMean();

  /**
   * The view so far, {@code [bands][rows of a band, size]} each, in [0, 255]: bands are arrays of
   * their own because only loops that start at an array's beginning become vector instructions.
   */
  float[][] red = new float[0][];

  float[][] green = new float[0][];
  float[][] blue = new float[0][];

  /** Spare bands. */
  float[] spare1 = new float[0];

  float[] spare2 = new float[0];
  float[] spare3 = new float[0];
  float[] spare4 = new float[0];

  private Blur blur;
  private int size;

  /** Makes room for a view of this size. */
  void fit(int size) {
    if (this.size == size) {
      return;
    }
    this.size = size;
    int rows = size * size <= SMALL ? size : Math.max(1, BAND / size);
    while (size % rows != 0) {
      rows--;
    }
    int bands = size / rows;
    int pixels = rows * size;
    red = new float[bands][pixels];
    green = new float[bands][pixels];
    blue = new float[bands][pixels];
    spare1 = new float[pixels];
    spare2 = new float[pixels];
    spare3 = new float[pixels];
    spare4 = new float[pixels];
    blur = null;
  }

  int bands() {
    return red.length;
  }

  /** Of a band. */
  int pixels() {
    return spare1.length;
  }

  /** For views of the present size. */
  Blur blur() {
    if (blur == null) {
      blur = new Blur(size, pixels());
    }
    return blur;
  }
}
