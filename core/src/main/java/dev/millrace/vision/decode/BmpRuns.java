package dev.millrace.vision.decode;

/**
 * RLE4 and RLE8 of bitmaps. A run that reaches beyond its row is cut there, as browsers do: old
 * encoders padded rows so.
 */
final class BmpRuns {
  private BmpRuns() {}

  /**
   * Palette indices, {@code [height, width]}, rows from the top; what no run covers is 0.
   *
   * @param from where the runs begin
   * @param bits 4 or 8
   * @param verify whether zeros up to the file's end are refused, which read as ends of rows
   */
  static byte[] decode(byte[] b, long from, int width, int height, int bits, boolean verify)
      throws BadPictureException {
    byte[] indices = new byte[width * height];
    int x = 0;
    int y = 0;
    int at = (int) Math.min(from, b.length);
    while (at + 1 < b.length) {
      int count = b[at] & 0xFF;
      int value = b[at + 1] & 0xFF;
      at += 2;
      if (count > 0) {
        for (int i = 0; i < count; i++, x++) {
          int index = bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15;
          put(indices, x, y, width, height, index);
        }
      } else if (value == 0) {
        x = 0;
        y++;
      } else if (value == 1) {
        return indices;
      } else if (value == 2) {
        if (at + 1 >= b.length) {
          break;
        }
        x += b[at] & 0xFF;
        y += b[at + 1] & 0xFF;
        at += 2;
      } else {
        int bytes = (value * bits + 7) / 8;
        if (at + bytes > b.length) {
          break;
        }
        for (int i = 0; i < value; i++, x++) {
          int both = b[at + i * bits / 8] & 0xFF;
          int index = bits == 8 ? both : i % 2 == 0 ? both >> 4 : both & 15;
          put(indices, x, y, width, height, index);
        }
        at += bytes + bytes % 2;
      }
    }
    boolean whole = y >= height || y == height - 1 && x >= width;
    if (!whole) {
      throw new BadPictureException(
          "cut off: the BMP's runs end in row %d of %d".formatted(Math.min(y, height) + 1, height));
    }
    if (verify && Bytes.endsInZeros(b, b.length)) {
      throw new BadPictureException("cut off: the BMP's runs have no end, the file ends in zeros");
    }
    return indices;
  }

  private static void put(byte[] indices, int x, int y, int width, int height, int index) {
    if (x < width && y < height) {
      indices[(height - 1 - y) * width + x] = (byte) index;
    }
  }
}
