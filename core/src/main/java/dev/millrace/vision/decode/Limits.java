package dev.millrace.vision.decode;

/**
 * What a {@link Decoder} refuses before it allocates anything.
 *
 * @param maxPixels width × height at most of a picture that is decoded whole; 1 to {@link #MOST}
 * @param maxReducible width × height at most of a JPEG, which can be decoded at a reduced scale; 1
 *     to {@link #MOST}
 */
public record Limits(long maxPixels, long maxReducible) {
  /** What one Java array of three bytes per pixel can hold. */
  public static final long MOST = Integer.MAX_VALUE / 3;

  /**
   * 100 million pixels, and 400 million of a JPEG: above any camera, below what would exhaust a
   * machine's memory.
   */
  public static final Limits STANDARD = new Limits(100_000_000, 400_000_000);

  /** More pixels than that in one byte, on average, are a flat surface or a lie. */
  private static final long PIXELS_PER_BYTE = 4000;

  /** Below that even a lie costs little. */
  private static final long HARMLESS = 16_000_000;

  /** Checks that some picture can pass and every picture that passes fits an array. */
  public Limits {
    for (long most : new long[] {maxPixels, maxReducible}) {
      if (most < 1 || most > MOST) {
        throw new IllegalArgumentException(
            "maxPixels is " + most + "; expected 1 to " + MOST + ", such as 100000000");
      }
    }
  }

  /** The same limit for all formats. */
  public Limits(long maxPixels) {
    this(maxPixels, maxPixels);
  }

  /** Refuses an empty picture, one above the limit, and one that is huge for its bytes. */
  void check(Header header, int bytes) throws BadPictureException {
    long width = header.width();
    long height = header.height();
    if (width < 1 || height < 1) {
      throw new BadPictureException(
          "broken: the " + header.format() + " says that it is " + size(header) + " pixels");
    }
    long most = header.reducible() ? maxReducible : maxPixels;
    // width × height may pass 2⁶³ only for sizes that the division already refuses.
    if (width > most / height) {
      throw new BadPictureException(
          "too large: %s pixels, the limit is %d%s; scale it down or remove it"
              .formatted(
                  size(header),
                  most,
                  header.reducible() || maxReducible == maxPixels
                      ? ""
                      : " (" + maxReducible + " for a JPEG)"));
    }
    if (width * height > HARMLESS && width * height / PIXELS_PER_BYTE > bytes) {
      throw new BadPictureException(
          "too large for its bytes: %s pixels in %d bytes are one flat surface, or broken; scale it down or remove it"
              .formatted(size(header), bytes));
    }
  }

  private static String size(Header header) {
    return header.width() + "×" + header.height();
  }
}
