package dev.millrace.vision.decode;

/**
 * A decoded picture that may have been reduced on the way: a JPEG can be decoded at a half, a
 * quarter or an eighth of its scale for less than the whole costs.
 *
 * @param pixels what was decoded; with reduction s {@code [⌈height ÷ s⌉, ⌈width ÷ s⌉, 3]} uint8
 * @param width columns of the whole picture, upright
 * @param height rows of the whole picture, upright
 * @param reduction 1, 2, 4 or 8
 * @param reducible whether another reduction than 1 was to be had
 */
public record Decoded(Pixels pixels, int width, int height, int reduction, boolean reducible) {
  /** A picture at its own scale. */
  public static Decoded whole(Pixels pixels) {
    return new Decoded(pixels, pixels.width(), pixels.height(), 1, false);
  }

  /** Chooses a reduction once a picture's size is known. */
  @FunctionalInterface
  public interface Reduction {
    /** None, for whoever needs every pixel. */
    Reduction NONE = (width, height) -> 1;

    /** For a picture of that many columns and rows, upright: 1, 2, 4 or 8. */
    int of(int width, int height);
  }
}
