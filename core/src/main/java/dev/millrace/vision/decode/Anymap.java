package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * Binary PPM (P6) and PGM (P5), read in plain Java: raw data sets (CIFAR, IDX, generated pictures)
 * are wrapped so, and calling a native codec would cost more than reading them.
 */
final class Anymap {
  private Anymap() {}

  /** Whether {@link #decode} takes these bytes: the binary ones with grey or colour. */
  static boolean isBinary(byte[] b) {
    return b[1] == '5' || b[1] == '6';
  }

  /**
   * Width, height, largest sample value and the place of the first sample. For bitmaps (P1, P4),
   * which have no largest value, the last two mean nothing.
   */
  static int[] numbers(byte[] b, int from) throws BadPictureException {
    int[] numbers = {0, 0, 0, 0};
    int at = from;
    int wanted = b[1] == '1' || b[1] == '4' ? 2 : 3;
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
  static Pixels decode(byte[] b, int[] numbers) throws BadPictureException {
    int width = numbers[0];
    int height = numbers[1];
    int largest = numbers[2];
    int start = numbers[3];
    if (largest < 1 || largest > 65535) {
      throw new BadPictureException(
          "broken: its largest sample value is " + largest + ", expected 1 to 65535");
    }
    boolean grey = b[1] == '5';
    int samples = width * height * (grey ? 1 : 3);
    int bytes = largest < 256 ? 1 : 2;
    if ((b.length - start) / bytes < samples) {
      throw new BadPictureException(
          "cut off: a "
              + width
              + "×"
              + height
              + " P"
              + (char) b[1]
              + " needs "
              + samples
              + " samples, the file has "
              + Math.max(0, b.length - start) / bytes);
    }
    byte[] plain =
        largest == 255
            ? Arrays.copyOfRange(b, start, start + samples)
            : scaled(b, start, samples, bytes, largest);
    return new Pixels(width, height, grey ? tripled(plain) : plain);
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
      int value = Math.min((int) Header.big(b, start + i * bytes, bytes), largest);
      scaled[i] = (byte) ((value * 255 + largest / 2) / largest);
    }
    return scaled;
  }
}
