package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * The first picture of a GIF (GIF89a), in plain Java. It lies on a canvas; a transparent pixel
 * shows its colour, as alpha is dropped elsewhere, and where the picture does not reach the canvas
 * has the transparent colour or, without one, the first: as Pillow has it. A missing trailer loses
 * nothing.
 */
final class GifFile {
  private static final int SCREEN = 13;
  private static final int CODES = 4096;

  private final byte[] b;
  private int transparent;
  private int left;
  private int top;
  private int wide;
  private int high;
  private boolean interlaced;
  private int local = -1;
  private int localColours;
  private int data;

  private GifFile(byte[] b) throws BadPictureException {
    this.b = b;
    int at = SCREEN + 3 * globalColours();
    while (b[at] != ',') {
      if (b[at] == ';') {
        throw new BadPictureException("broken: the GIF has no picture in it");
      }
      if (b[at] != '!') {
        at++; // bytes between blocks, which decoders pass over
        continue;
      }
      if ((b[at + 1] & 0xFF) == 0xF9 && b[at + 2] >= 4) {
        transparent = (b[at + 3] & 1) == 1 ? b[at + 6] & 0xFF : 0;
      }
      at += 2;
      while (b[at] != 0) {
        at += 1 + (b[at] & 0xFF);
      }
      at++;
    }
    left = (int) Bytes.little(b, at + 1, 2);
    top = (int) Bytes.little(b, at + 3, 2);
    wide = (int) Bytes.little(b, at + 5, 2);
    high = (int) Bytes.little(b, at + 7, 2);
    int flags = b[at + 9];
    interlaced = (flags & 0x40) != 0;
    data = at + 10;
    if ((flags & 0x80) != 0) {
      local = data;
      localColours = 2 << (flags & 7);
      data += 3 * localColours;
    }
  }

  private int globalColours() {
    return (b[10] & 0x80) != 0 ? 2 << (b[10] & 7) : 0;
  }

  private int width() {
    return (int) Math.max(Bytes.little(b, 6, 2), left + wide);
  }

  private int height() {
    return (int) Math.max(Bytes.little(b, 8, 2), top + high);
  }

  /** The canvas's size, which a picture that reaches beyond it widens. */
  static Header header(byte[] b) throws BadPictureException {
    GifFile file = new GifFile(b);
    if (file.wide == 0 || file.high == 0) {
      throw new BadPictureException(
          "broken: the GIF's first picture is %d×%d pixels".formatted(file.wide, file.high));
    }
    return Header.plain(Header.Format.GIF, file.width(), file.height());
  }

  /** The picture; its size has been found to be within limits. */
  static Pixels decode(byte[] b) throws BadPictureException {
    return new GifFile(b).decode();
  }

  private Pixels decode() throws BadPictureException {
    int width = width();
    int height = height();
    byte[] indices = indices();
    byte[] palette = palette();
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    if (wide < width || high < height) {
      for (int i = 0; i < rgb.length; i += 3) {
        System.arraycopy(palette, 3 * transparent, rgb, i, 3);
      }
    }
    int[] firsts = interlaced ? new int[] {0, 4, 2, 1} : new int[] {0};
    int[] steps = interlaced ? new int[] {8, 8, 4, 2} : new int[] {1};
    int row = 0;
    for (int pass = 0; pass < firsts.length; pass++) {
      for (int y = firsts[pass]; y < high; y += steps[pass], row++) {
        int to = 3 * ((top + y) * width + left);
        for (int x = 0; x < wide; x++) {
          System.arraycopy(palette, 3 * (indices[row * wide + x] & 0xFF), rgb, to + 3 * x, 3);
        }
      }
    }
    return new Pixels(width, height, rgb);
  }

  /** 256 colours; those that the file does not have are black, or grey if it has none at all. */
  private byte[] palette() {
    byte[] palette = new byte[3 * 256];
    int colours = local < 0 ? globalColours() : localColours;
    System.arraycopy(b, local < 0 ? SCREEN : local, palette, 0, 3 * colours);
    for (int i = 0; colours == 0 && i < 256; i++) {
      Arrays.fill(palette, 3 * i, 3 * i + 3, (byte) i);
    }
    return palette;
  }

  /** LZW of variable length: palette indices in the order of the file. */
  private byte[] indices() throws BadPictureException {
    int most = Math.multiplyExact(wide, high);
    int least = b[data] & 0xFF;
    if (least < 1 || least > 11) {
      throw new BadPictureException("broken: the GIF's codes begin with " + least + " bits");
    }
    // A code stands for fewer than 4096 pixels and takes 3 bits at least.
    if (most > (b.length - data) * 8L / 3 * CODES) {
      throw shortOf(0, most);
    }
    byte[] indices = new byte[most];
    int clear = 1 << least;
    int[] place = new int[CODES + 1]; // where a code's pixels lie among the indices
    int[] length = new int[CODES + 1];
    int next = clear + 2;
    int size = least + 1;
    int before = -1;
    int at = data + 1;
    int block = 0;
    int bits = 0;
    int ready = 0;
    int n = 0;
    int was = 0;
    while (n < most) {
      while (ready < size) {
        if (block == 0) {
          if (at >= b.length || b[at] == 0) {
            throw shortOf(n, most);
          }
          block = b[at++] & 0xFF;
        }
        if (at >= b.length) {
          throw shortOf(n, most);
        }
        bits |= (b[at++] & 0xFF) << ready;
        ready += 8;
        block--;
      }
      int code = bits & (1 << size) - 1;
      bits >>>= size;
      ready -= size;
      if (code == clear) {
        next = clear + 2;
        size = least + 1;
        before = -1;
        continue;
      }
      if (code == clear + 1) {
        throw shortOf(n, most);
      }
      if (before < 0 ? code > clear : code > next) {
        throw new BadPictureException(
            "broken: the GIF has a code that stands for nothing after " + n + " pixels");
      }
      // A new code is the one before and the pixel that follows it, which lie one after the other.
      if (before >= 0 && next < CODES) {
        place[next] = was;
        length[next] = 1 + (before < clear ? 1 : length[before]);
      }
      int from = n;
      if (code < clear) {
        indices[n++] = (byte) code;
      } else {
        int copied = Math.min(length[code], most - n);
        for (int i = 0; i < copied; i++) {
          indices[n] = indices[place[code] + i];
          n++;
        }
      }
      if (before >= 0 && next < CODES) {
        next++;
        if (next == 1 << size && size < 12) {
          size++;
        }
      }
      before = code;
      was = from;
    }
    return indices;
  }

  private static BadPictureException shortOf(int found, int most) {
    return new BadPictureException(
        "cut off: the GIF's first picture has %d of its %d pixels".formatted(found, most));
  }
}
