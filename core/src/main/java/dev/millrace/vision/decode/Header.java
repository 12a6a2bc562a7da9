package dev.millrace.vision.decode;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a picture's first bytes say, read without decoding it: so that a small file that claims a
 * huge picture is refused before anything is allocated. Only formats whose size is known here are
 * decoded at all.
 *
 * @param format the container
 * @param width pixels a row as stored, before any EXIF turn
 * @param height rows as stored
 */
record Header(Format format, long width, long height) {
  /** The formats that Millrace reads. */
  enum Format {
    JPEG,
    PNG,
    GIF,
    BMP,
    WEBP,
    TIFF,
    PNM
  }

  private static final String READABLE = "JPEG, PNG, GIF, BMP, WebP, TIFF or PPM/PGM";

  /** Reads format and size; also checks that JPEG, PNG and WebP are whole. */
  static Header of(byte[] b) throws BadPictureException {
    if (b.length == 0) {
      throw new BadPictureException("empty: the picture has no bytes");
    }
    try {
      return read(b);
    } catch (IndexOutOfBoundsException e) {
      throw new BadPictureException("cut off: its " + b.length + " bytes end within the header");
    }
  }

  private static Header read(byte[] b) throws BadPictureException {
    if (starts(b, 0, "\u00ff\u00d8\u00ff")) {
      return JpegFile.header(b);
    }
    if (starts(b, 0, "\u0089PNG\r\n\u001a\n")) {
      return PngFile.header(b);
    }
    if (starts(b, 0, "GIF87a") || starts(b, 0, "GIF89a")) {
      return new Header(Format.GIF, little(b, 6, 2), little(b, 8, 2));
    }
    if (starts(b, 0, "RIFF") && starts(b, 8, "WEBP")) {
      return webp(b);
    }
    if (starts(b, 0, "II*\0") || starts(b, 0, "MM\0*")) {
      return tiff(b);
    }
    if (starts(b, 0, "BM") && b.length > 26) {
      // The oldest header (12 bytes) has 16-bit sides; height is negative for top-down rows.
      return little(b, 14, 4) == 12
          ? new Header(Format.BMP, little(b, 18, 2), little(b, 20, 2))
          : new Header(Format.BMP, little(b, 18, 4), Math.abs((int) little(b, 22, 4)));
    }
    if (b.length > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && b[2] <= ' ' && b[2] > 0) {
      int[] sizes = Anymap.numbers(b, 2);
      return new Header(Format.PNM, sizes[0], sizes[1]);
    }
    throw new BadPictureException(
        "not a picture: it starts with "
            + beginning(b)
            + ", which is none of "
            + READABLE
            + "; convert or remove it");
  }

  private static Header webp(byte[] b) throws BadPictureException {
    if (little(b, 4, 4) + 8 > b.length) {
      throw new BadPictureException(
          "cut off: the WebP announces "
              + (little(b, 4, 4) + 8)
              + " bytes, the file has "
              + b.length);
    }
    if (starts(b, 12, "VP8X")) {
      return new Header(Format.WEBP, little(b, 24, 3) + 1, little(b, 27, 3) + 1);
    }
    if (starts(b, 12, "VP8L")) {
      long bits = little(b, 21, 4);
      return new Header(Format.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    }
    return new Header(Format.WEBP, little(b, 26, 2) & 0x3FFF, little(b, 28, 2) & 0x3FFF);
  }

  private static Header tiff(byte[] b) throws BadPictureException {
    if (number(b, 4, 4, b[0] == 'M') + 2 > b.length) {
      throw new BadPictureException("cut off: the TIFF's directory is beyond its end");
    }
    return new Header(Format.TIFF, tag(b, 0, 256), tag(b, 0, 257));
  }

  /**
   * A whole number in the first directory of a TIFF structure; 0 if it has none of that tag.
   *
   * @param start where the structure begins
   * @throws IndexOutOfBoundsException if the directory does not end within the bytes
   */
  static long tag(byte[] b, int start, int tag) {
    boolean big = b[start] == 'M';
    int at = start + (int) number(b, start + 4, 4, big);
    int entries = (int) number(b, at, 2, big);
    for (int i = 0; i < entries; i++) {
      int entry = at + 2 + 12 * i;
      if (number(b, entry, 2, big) == tag) {
        return number(b, entry + 8, number(b, entry + 2, 2, big) == 3 ? 2 : 4, big);
      }
    }
    return 0;
  }

  /** Whether the bytes at a place are these characters (Latin-1). */
  static boolean starts(byte[] b, int at, String with) {
    if (b.length < at + with.length()) {
      return false;
    }
    for (int i = 0; i < with.length(); i++) {
      if ((b[at + i] & 0xFF) != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** A big-endian unsigned number. */
  static long big(byte[] b, int at, int bytes) {
    return number(b, at, bytes, true);
  }

  private static long little(byte[] b, int at, int bytes) {
    return number(b, at, bytes, false);
  }

  private static long number(byte[] b, int at, int bytes, boolean big) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (b[at + (big ? i : bytes - 1 - i)] & 0xFF);
    }
    return value;
  }

  private static String beginning(byte[] b) {
    int n = Math.min(12, b.length);
    for (int i = 0; i < n; i++) {
      if (b[i] < ' ' || b[i] == 127) {
        return "bytes " + HexFormat.ofDelimiter(" ").formatHex(b, 0, n);
      }
    }
    return "the text '" + new String(b, 0, n, StandardCharsets.US_ASCII) + "'";
  }
}
