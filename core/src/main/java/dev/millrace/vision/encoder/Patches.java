package dev.millrace.vision.encoder;

/**
 * The square patches that an encoder sees a picture in, row by row.
 *
 * @param side of a patch, pixels
 * @param across patches of a row, as many as rows
 */
public record Patches(int side, int across) {
  /** How many a picture has. */
  public int count() {
    return across * across;
  }
}
