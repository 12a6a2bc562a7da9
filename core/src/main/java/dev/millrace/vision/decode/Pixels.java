package dev.millrace.vision.decode;

/**
 * A decoded picture: 8 bits a channel, RGB interleaved, rows from the top without padding. The
 * array is not copied; nobody writes to it after construction.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param rgb {@code [height, width, 3]} uint8
 */
@SuppressWarnings("ArrayRecordComponent") // a picture is its array; equality by identity is meant
public record Pixels(int width, int height, byte[] rgb) {
  /** Checks that the array has the size that width and height say. */
  public Pixels {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "a "
              + width
              + "×"
              + height
              + " RGB picture needs "
              + 3L * width * height
              + " bytes; found "
              + rgb.length);
    }
  }
}
