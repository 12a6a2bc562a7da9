package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * PBM, PGM and PPM, plain and binary (P1 to P6), read in plain Java: raw data sets (CIFAR, IDX,
 * generated pictures) are wrapped so, and calling a native codec would cost more than reading them.
 */
final class Anymap {
  private Anymap() {}

  /** Size and depth. */
  static Header header(byte[] b) throws BadPictureException {
    int[] numbers = numbers(b, 2);
    boolean deep = !isBitmap(b) && numbers[2] > 255;
    return new Header(Header.Format.PNM, numbers[0], numbers[1], Orientation.UPRIGHT, false, deep);
  }

  private static boolean isBitmap(byte[] b) {
    return b[1] == '1' || b[1] == '4';
  }

  /**
   * Width, height, largest sample value and the place of the first sample. For bitmaps (P1, P4),
   * which have no largest value, the third means nothing.
   */
  static int[] numbers(byte[] b, int from) throws BadPictureException {
    int[] numbers = {0, 0, 0, 0};
    int at = from;
    int wanted = isBitmap(b) ? 2 : 3;
    for (int i = 0; i < wanted; i++) {
      while (b[at] <= ' ' || b[at] == '#') {
        if (b[at++] == '#') {
          while (b[at] != '\n') {
            at++;
          }
        }
      }
      long value = 0;
      int first = at;
      while (b[at] >= '0' && b[at] <= '9' && value <= Integer.MAX_VALUE) {
        value = value * 10 + b[at++] - '0';
      }
      if (at == first || value > Integer.MAX_VALUE) {
        throw new BadPictureException(
            "broken: the P" + (char) b[1] + " header has no usable number at byte " + first);
      }
      numbers[i] = (int) value;
    }
    numbers[3] = at + 1; // exactly one white space ends the header
    return numbers;
  }

  /** The picture; grey becomes three equal channels, samples are scaled to 0 … 255. */
  static Pixels decode(byte[] b) throws BadPictureException {
    int[] numbers = numbers(b, 2);
    int width = numbers[0];
    int height = numbers[1];
    int largest = isBitmap(b) ? 1 : numbers[2];
    int start = numbers[3];
    if (largest < 1 || largest > 65535) {
      throw new BadPictureException(
          "broken: its largest sample value is " + largest + ", expected 1 to 65535");
    }
    boolean grey = b[1] != '3' && b[1] != '6';
    int samples = Math.multiplyExact(Math.multiplyExact(width, height), grey ? 1 : 3);
    byte[] plain;
    if (b[1] <= '3') {
      plain = written(b, start - 1, samples, width, height, largest);
    } else if (isBitmap(b)) {
      plain = bits(b, start, width, height);
    } else {
      int bytes = largest < 256 ? 1 : 2;
      require(b, (b.length - start) / bytes, samples, width, height);
      plain =
          largest == 255
              ? Arrays.copyOfRange(b, start, start + samples)
              : scaled(b, start, samples, bytes, largest);
    }
    return new Pixels(width, height, grey ? tripled(plain) : plain);
  }

  private static void require(byte[] b, int found, int samples, int width, int height)
      throws BadPictureException {
    if (found < samples) {
      throw new BadPictureException(
          "cut off: a %d×%d P%c needs %d samples, the file has %d"
              .formatted(width, height, b[1], samples, Math.max(0, found)));
    }
  }

  /** Numbers in words; those of a bitmap need no space between them, and 1 is black. */
  private static byte[] written(byte[] b, int from, int samples, int width, int height, int largest)
      throws BadPictureException {
    boolean bitmap = b[1] == '1';
    // A sample is a digit at least, so an absurd size is refused before it is allocated.
    require(b, b.length - from, samples, width, height);
    byte[] plain = new byte[samples];
    int at = from;
    for (int i = 0; i < samples; i++) {
      while (at < b.length && (b[at] <= ' ' || b[at] == '#')) {
        if (b[at++] == '#') {
          while (at < b.length && b[at] != '\n') {
            at++;
          }
        }
      }
      int value = 0;
      int first = at;
      while (at < b.length
          && b[at] >= '0'
          && b[at] <= '9'
          && value <= 65535
          && (at == first || !bitmap)) {
        value = value * 10 + b[at++] - '0';
      }
      if (at == first) {
        throw new BadPictureException(
            at >= b.length
                ? "cut off: it has " + i + " of its " + samples + " samples"
                : "broken: no number at byte " + at + ", where a sample is expected");
      }
      plain[i] = scaled(bitmap ? 1 - Math.min(value, 1) : value, largest);
    }
    return plain;
  }

  private static byte[] bits(byte[] b, int start, int width, int height)
      throws BadPictureException {
    int stride = (width + 7) / 8;
    require(b, b.length - start, Math.multiplyExact(stride, height), width, height);
    byte[] plain = new byte[width * height];
    for (int i = 0; i < plain.length; i++) {
      int x = i % width;
      boolean black = (b[start + i / width * stride + x / 8] >> (7 - x % 8) & 1) == 1;
      plain[i] = (byte) (black ? 0 : 255);
    }
    return plain;
  }

  private static byte[] tripled(byte[] grey) {
    byte[] rgb = new byte[grey.length * 3];
    for (int i = 0; i < grey.length; i++) {
      byte value = grey[i];
      rgb[3 * i] = value;
      rgb[3 * i + 1] = value;
      rgb[3 * i + 2] = value;
    }
    return rgb;
  }

  private static byte[] scaled(byte[] b, int start, int samples, int bytes, int largest) {
    byte[] scaled = new byte[samples];
    for (int i = 0; i < samples; i++) {
      scaled[i] = scaled((int) Bytes.big(b, start + i * bytes, bytes), largest);
    }
    return scaled;
  }

  private static byte scaled(int value, int largest) {
    return (byte) ((Math.min(value, largest) * 255 + largest / 2) / largest);
  }
}
