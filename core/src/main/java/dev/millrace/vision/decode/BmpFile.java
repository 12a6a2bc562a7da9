package dev.millrace.vision.decode;

import java.util.Locale;

/**
 * Windows' and OS/2's bitmaps, decoded in plain Java: of the many kinds that exist, native codecs
 * read some into garbage without a word. Headers of 12 to 124 bytes, 1, 2, 4, 8, 16, 24 and 32 bits
 * per pixel, bit fields, RLE4 and RLE8, rows from the bottom or the top. Alpha is dropped.
 */
final class BmpFile {
  private static final int DIB = 14;
  private static final int CORE = 12;
  private static final int OS2 = 64;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BIT_FIELDS = 3;
  private static final int ALPHA_BIT_FIELDS = 6;

  private final byte[] b;
  private final int headerBytes;
  private final int width;
  private final int height;
  private final boolean topDown;
  private final int bits;
  private final int compression;
  private final long pixels;

  private BmpFile(byte[] b) throws BadPictureException {
    this.b = b;
    headerBytes = (int) Bytes.little(b, DIB, 4);
    if (headerBytes == CORE) {
      width = (int) Bytes.little(b, 18, 2);
      height = (int) Bytes.little(b, 20, 2);
      topDown = false;
      bits = (int) Bytes.little(b, 24, 2);
      compression = 0;
    } else if (headerBytes >= 16 && headerBytes <= 1024) {
      width = (int) Bytes.little(b, 18, 4);
      int rows = (int) Bytes.little(b, 22, 4);
      topDown = rows < 0;
      height = Math.abs(rows);
      bits = (int) Bytes.little(b, 28, 2);
      compression = headerBytes < 20 ? 0 : (int) Bytes.little(b, 30, 4);
    } else {
      throw new BadPictureException(
          "broken: its BMP header says that it is %d bytes long; expected 12 to 124"
              .formatted(headerBytes & 0xFFFFFFFFL));
    }
    refuse();
    long place = Bytes.little(b, 10, 4);
    pixels = place == 0 ? DIB + headerBytes + between() : place; // 0: some writers leave it out
  }

  /** Bytes of the masks or colours that lie between header and pixels. */
  private int between() {
    if (headerBytes == 40 && (compression == BIT_FIELDS || compression == ALPHA_BIT_FIELDS)) {
      return compression == BIT_FIELDS ? 12 : 16;
    }
    return bits > 8 ? 0 : (int) colours() * (headerBytes == CORE ? 3 : 4);
  }

  private long colours() {
    long used = headerBytes >= 40 ? Bytes.little(b, 46, 4) : 0;
    return used == 0 || used > 1 << bits ? 1 << bits : used;
  }

  private void refuse() throws BadPictureException {
    String kind =
        switch (compression) {
          case 0 -> bits == 64 ? "of 64 bits per pixel" : null;
          case RLE8, RLE4 -> topDown ? "compressed, with rows from the top" : null;
          case BIT_FIELDS -> headerBytes == OS2 ? "of OS/2 compressed as a fax" : null;
          case 4 -> headerBytes == OS2 ? "of OS/2 compressed by RLE24" : "that holds a JPEG";
          case 5 -> "that holds a PNG";
          case ALPHA_BIT_FIELDS -> null;
          default -> "of compression " + (compression & 0xFFFFFFFFL);
        };
    if (kind != null) {
      throw new BadPictureException(
          "not read: a BMP " + kind + "; save it with 24 bits per pixel, uncompressed, or as PNG");
    }
    boolean fits =
        switch (compression) {
          case RLE8 -> bits == 8;
          case RLE4 -> bits == 4;
          case 0 -> bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 24 || packed();
          default -> packed();
        };
    if (!fits) {
      throw new BadPictureException(
          "broken: its BMP header says %d bits per pixel and compression %d, which do not go together"
              .formatted(bits, compression));
    }
  }

  private boolean packed() {
    return bits == 16 || bits == 32;
  }

  /** Size, after looking whether it is of a kind that is read. */
  static Header header(byte[] b) throws BadPictureException {
    BmpFile file = new BmpFile(b);
    return Header.plain(Header.Format.BMP, file.width, file.height & 0xFFFFFFFFL);
  }

  /**
   * The picture; its size has been found to be within limits.
   *
   * @param verify whether what only looks like runs is refused
   */
  static Pixels decode(byte[] b, boolean verify) throws BadPictureException {
    return new BmpFile(b).decode(verify);
  }

  private Pixels decode(boolean verify) throws BadPictureException {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    if (compression == RLE4 || compression == RLE8) {
      byte[] indices = BmpRuns.decode(b, pixels, width, height, bits, verify);
      look(indices, palette(), rgb);
      return new Pixels(width, height, rgb);
    }
    long stride = ((long) width * bits + 31) / 32 * 4;
    // The last row's padding may be missing.
    long need = stride * (height - 1) + ((long) width * bits + 7) / 8;
    if (pixels < DIB + headerBytes) {
      throw new BadPictureException(
          "broken: the BMP says that its pixels begin at byte %d, in its header".formatted(pixels));
    }
    if (pixels + need > b.length) {
      throw new BadPictureException(
          "cut off: a %d×%d BMP of %d bits per pixel needs %d bytes from byte %d on, the file has %d"
              .formatted(width, height, bits, need, pixels, Math.max(0, b.length - pixels)));
    }
    byte[] palette = bits <= 8 ? palette() : null;
    long[] masks = packed() ? masks() : null;
    for (int y = 0; y < height; y++) {
      int from = (int) (pixels + stride * y);
      int to = 3 * width * (topDown ? y : height - 1 - y);
      if (bits == 24) {
        for (int x = 0; x < 3 * width; x += 3) {
          rgb[to + x] = b[from + x + 2];
          rgb[to + x + 1] = b[from + x + 1];
          rgb[to + x + 2] = b[from + x];
        }
      } else if (masks != null) {
        packed(from, masks, rgb, to);
      } else {
        indexed(from, palette, rgb, to);
      }
    }
    return new Pixels(width, height, rgb);
  }

  private void packed(int from, long[] masks, byte[] rgb, int to) {
    int bytes = bits / 8;
    for (int x = 0; x < width; x++) {
      long pixel = Bytes.little(b, from + x * bytes, bytes);
      for (int c = 0; c < 3; c++) {
        long most = masks[c] >>> Long.numberOfTrailingZeros(masks[c] | 1L << 32);
        long value = (pixel & masks[c]) >>> Long.numberOfTrailingZeros(masks[c] | 1L << 32);
        rgb[to + 3 * x + c] = (byte) (most == 0 ? 0 : value * 255 / most);
      }
    }
  }

  private void indexed(int from, byte[] palette, byte[] rgb, int to) {
    int each = 8 / bits;
    int mask = (1 << bits) - 1;
    for (int x = 0; x < width; x++) {
      int index = b[from + x / each] >> (8 - bits * (1 + x % each)) & mask;
      System.arraycopy(palette, 3 * index, rgb, to + 3 * x, 3);
    }
  }

  private static void look(byte[] indices, byte[] palette, byte[] rgb) {
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(palette, 3 * (indices[i] & 0xFF), rgb, 3 * i, 3);
    }
  }

  /** 256 colours, red first; those that the file does not have are black. */
  private byte[] palette() {
    int each = headerBytes == CORE ? 3 : 4;
    int from = DIB + headerBytes;
    // What lies between header and pixels is all that can be a palette.
    long count = Math.min(colours(), (Math.min(pixels, b.length) - from) / each);
    byte[] palette = new byte[3 * 256];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < 3; c++) {
        palette[3 * i + c] = b[from + each * i + 2 - c];
      }
    }
    return palette;
  }

  /** Which bits of a pixel are red, green and blue. */
  private long[] masks() throws BadPictureException {
    if (compression == 0) {
      return bits == 16 ? new long[] {0x7C00, 0x3E0, 0x1F} : new long[] {0xFF0000, 0xFF00, 0xFF};
    }
    long[] masks = new long[3];
    for (int c = 0; c < 3; c++) {
      // Behind the shortest header or within a longer one: the same place.
      masks[c] = Bytes.little(b, DIB + 40 + 4 * c, 4);
      long run = masks[c] >>> Long.numberOfTrailingZeros(masks[c] | 1L << 32);
      if ((run & run + 1) != 0 || masks[c] >>> bits != 0) {
        throw new BadPictureException(
            String.format(
                Locale.ROOT,
                "broken: the mask %08x of its BMP is no run of bits within %d",
                masks[c],
                bits));
      }
    }
    return masks;
  }
}
