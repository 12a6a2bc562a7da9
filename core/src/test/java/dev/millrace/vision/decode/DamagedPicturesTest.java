package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whatever is wrong with a file, it is a picture or a bad one: it ends no work on others. */
class DamagedPicturesTest {
  /** What a header takes, and more. */
  private static final int FIRST = 200;

  private static Map<String, byte[]> small() throws Exception {
    Map<String, byte[]> all = new TreeMap<>();
    for (String name :
        new String[] {
          "alpha.png",
          "animated.png",
          "palette.png",
          "grey16.png",
          "baseline.jpg",
          "progressive.jpg",
          "cmyk.jpg",
          "exif6.jpg",
          "still.gif",
          "animated.gif",
          "lossless.webp",
          "lossy.webp",
          "animated.webp",
          "rgb.bmp",
          "rgb.tif",
          "lzw.tif",
          "bits.pbm",
          "grey.pgm",
          "rgb.ppm",
        }) {
      all.put(name, DecoderTest.file(name));
    }
    BufferedImage image = Written.image(Written.picture(), BufferedImage.TYPE_BYTE_INDEXED);
    all.put("interlaced.gif", Written.gif(image, true));
    all.put("local.gif", localColours());
    all.put("fields.bmp", Written.bmp(40, 5, 4, 16, 3, masks(), new byte[48]));
    all.put("palette.bmp", Written.bmp(40, 5, 4, 4, 0, new byte[64], new byte[16]));
    byte[] runs = {5, 0x12, 0, 0, 5, 0x21, 0, 0, 0, 3, 1, 2, 3, 0, 2, 1, 0, 0, 5, 4, 0, 1};
    all.put("runs.bmp", Written.bmp(40, 5, 4, 8, 1, new byte[64], runs));
    all.put("core.bmp", shortHeader(12));
    all.put("twenty.bmp", shortHeader(20));
    all.put("alpha.tif", alphaTiff());
    all.put("plain.ppm", Written.ascii("P3 # three\n2 2\n255\n1 2 3 4 5 6 7 8 9 10 11 12\n"));
    all.put("plain.pbm", Written.ascii("P1\n3 2\n101010\n"));
    return all;
  }

  private static byte[] masks() {
    return Written.join(
        Written.little(4, 0xF800), Written.little(4, 0x7E0), Written.little(4, 0x1F));
  }

  /** A picture of 2×2 with colours of its own and none on the screen. */
  private static byte[] localColours() {
    byte[] screen = {2, 0, 2, 0, 0, 0, 0};
    byte[] picture = {',', 0, 0, 0, 0, 2, 0, 2, 0, (byte) 0x81};
    byte[] palette = {-1, 0, 0, 0, -1, 0, 0, 0, -1, -1, -1, -1};
    int codes = 4 | 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12 | 5 << 16;
    byte[] data = {2, 3, (byte) codes, (byte) (codes >> 8), (byte) (codes >> 16), 0, ';'};
    return Written.join(Written.ascii("GIF89a"), screen, picture, palette, data);
  }

  /** A 1×1 bitmap whose header has no room for a palette's length or masks. */
  private static byte[] shortHeader(int bytes) {
    boolean core = bytes == 12;
    int size = core ? 2 : 4;
    byte[] dib =
        Written.join(
            Written.little(4, bytes),
            Written.little(size, 1),
            Written.little(size, 1),
            Written.little(2, 1),
            Written.little(2, core ? 24 : 16),
            Written.little(core ? 0 : 4, 3));
    return Written.join(
        Written.ascii("BM"),
        Written.little(4, 18 + bytes),
        Written.little(4, 0),
        Written.little(4, 14 + bytes),
        dib,
        new byte[4]);
  }

  private static byte[] alphaTiff() {
    return Written.tiff(
        3,
        2,
        new byte[24],
        Map.of(
            258,
            new int[] {8, 8, 8, 8},
            262,
            new int[] {2},
            274,
            new int[] {6},
            277,
            new int[] {4},
            338,
            new int[] {1}));
  }

  @TestFactory
  Stream<DynamicTest> cutsAtEveryLengthAndEveryWrongByteAreAPictureOrABadOne() throws Exception {
    return small().entrySet().stream()
        .map(file -> DynamicTest.dynamicTest(file.getKey(), () -> damage(file.getValue())));
  }

  private static void damage(byte[] whole) {
    for (int length = 0; length < whole.length; length++) {
      decode(Arrays.copyOf(whole, length), "cut to " + length);
    }
    for (int i = 0; i < Math.min(FIRST, whole.length); i++) {
      flip(whole, i);
    }
    for (int i = Math.max(FIRST, whole.length - FIRST); i < whole.length; i++) {
      flip(whole, i); // where many a TIFF has its directory
    }
  }

  private static void flip(byte[] whole, int at) {
    for (int bits : new int[] {0xFF, 0x80, 0x10, 1}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) bits;
      decode(damaged, "byte " + at + " changed by " + bits);
    }
  }

  private static void decode(byte[] file, String how) {
    try {
      Pixels pixels = Decoder.decode(file, new Limits(1 << 20));
      assertThat(pixels.rgb()).as(how).hasSize(3 * pixels.width() * pixels.height());
    } catch (BadPictureException e) {
      assertThat(e.reason()).as(how).isNotBlank();
    } catch (RuntimeException e) {
      throw new AssertionError(how, e);
    }
  }

  @Test
  void aGifCutWithinOrBeforeItsOwnColoursIsABadPicture() {
    byte[] gif = localColours();
    assertBad(Arrays.copyOf(gif, 23));
    assertBad(Arrays.copyOf(gif, 30));
  }

  @Test
  void aBitmapWhoseHeaderHasNoRoomForItsMasksIsABadPicture() {
    assertBad(Arrays.copyOf(shortHeader(20), 38));
  }

  @Test
  void aTiffWhoseNumbersLieOutsideIsABadPicture() {
    for (int tag : new int[] {278, 338}) {
      byte[] tiff = alphaTiff();
      for (int at = tiff.length - 150; at < tiff.length - 12; at++) {
        if (Bytes.little(tiff, at, 4) == (3L << 16 | tag)) {
          System.arraycopy(Written.little(4, 9), 0, tiff, at + 4, 4);
          System.arraycopy(Written.little(4, 1 << 30), 0, tiff, at + 8, 4);
        }
      }
      assertBad(tiff);
    }
  }

  private static void assertBad(byte[] file) {
    assertThatThrownBy(() -> Decoder.decode(file)).isInstanceOf(BadPictureException.class);
    assertThatThrownBy(() -> Decoder.check(file)).isInstanceOf(BadPictureException.class);
  }
}
