package dev.millrace.vision.decode;

/**
 * What a {@link Decoder} refuses before it allocates anything.
 *
 * @param maxPixels width × height at most; 1 to {@link #MOST}
 */
public record Limits(long maxPixels) {
  /** What one Java array of three bytes a pixel can hold. */
  public static final long MOST = Integer.MAX_VALUE / 3;

  /** 100 million pixels: above any camera, below what would exhaust a machine's memory. */
  public static final Limits STANDARD = new Limits(100_000_000);

  /** Checks that some picture can pass and every picture that passes fits an array. */
  public Limits {
    if (maxPixels < 1 || maxPixels > MOST) {
      throw new IllegalArgumentException(
          "maxPixels is " + maxPixels + "; expected 1 to " + MOST + ", such as 100000000");
    }
  }
}
