package dev.millrace.vision.decode;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {
  private static final int TAG = 0x112;

  private static void assertUpright(byte[] file, Pixels stored, int orientation) throws Exception {
    Pixels expected = Written.turned(stored, orientation);
    Pixels found = Decoder.decode(file);
    assertThat(found.width()).isEqualTo(expected.width());
    assertThat(found.rgb()).isEqualTo(expected.rgb());
    Decoded decoded = Decoder.trusted(file, Decoded.Reduction.NONE);
    assertThat(decoded.width()).isEqualTo(expected.width());
    assertThat(decoded.height()).isEqualTo(expected.height());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65535})
  void everyFormatIsTurnedByTheSameRule(int orientation) throws Exception {
    BufferedImage image = Written.image(Written.picture(), BufferedImage.TYPE_INT_RGB);
    byte[] jpeg = Written.jpeg(image, false);
    byte[] png = Written.png(image);
    byte[] webp = DecoderTest.file("lossless.webp");
    Pixels fromJpeg = Decoder.decode(jpeg);
    Pixels fromWebp = Decoder.decode(webp);
    for (ByteOrder order : new ByteOrder[] {BIG_ENDIAN, LITTLE_ENDIAN}) {
      for (boolean asLong : new boolean[] {false, true}) {
        byte[] structure = Written.tag(order, TAG, asLong, orientation);
        assertUpright(Written.withExif(jpeg, structure), fromJpeg, orientation);
        for (byte[] block : new byte[][] {structure, Written.exif(structure)}) {
          assertUpright(Written.withChunk(png, "eXIf", block), Written.picture(), orientation);
          assertUpright(Written.withExif(webp, 32, 16, block), fromWebp, orientation);
        }
      }
    }
    byte[] tiff =
        Written.tiff(
            Written.WIDTH,
            Written.HEIGHT,
            Written.picture().rgb(),
            Map.of(
                TAG,
                new int[] {orientation},
                258,
                new int[] {8, 8, 8},
                262,
                new int[] {2},
                277,
                new int[] {3}));
    assertUpright(tiff, Written.picture(), orientation);
  }

  @Test
  void ofSeveralExifSegmentsTheFirstThatSaysAnOrientationCounts() throws Exception {
    byte[] jpeg = JpegPictures.gradient(160, 100);
    byte[] other = Written.tag(BIG_ENDIAN, 0x10F, false, 1);
    byte[] three = Written.tag(BIG_ENDIAN, TAG, false, 3);
    byte[] six = Written.tag(LITTLE_ENDIAN, TAG, true, 6);
    Pixels stored = Decoder.decode(jpeg);
    assertUpright(Written.withExif(jpeg, other, six), stored, 6);
    assertUpright(Written.withExif(jpeg, three, six), stored, 3);
    assertUpright(Written.withExif(jpeg, six, three), stored, 6);
  }

  @Test
  void exifThatCannotBeReadMeansUpright() throws Exception {
    byte[] jpeg = JpegPictures.gradient(160, 100);
    byte[] six = Written.tag(BIG_ENDIAN, TAG, false, 6);
    Pixels stored = Decoder.decode(jpeg);
    for (int length = 0; length < 19; length++) {
      assertUpright(Written.withExif(jpeg, Arrays.copyOf(six, length)), stored, 1);
    }
    six[4] = 127; // the directory is far away
    assertUpright(Written.withExif(jpeg, six), stored, 1);
  }

  @Test
  void aPictureThatTheCodecDoesNotReduceIsOfReductionOne() throws Exception {
    // Samples of red, green and blue, of which each is as predicted: a bit.
    byte[] flat = Written.flatJpeg(8, 8, 0xC0, 8);
    byte[] counts = Arrays.copyOf(new byte[] {1}, 16);
    byte[] wide =
        Written.join(
            Arrays.copyOf(flat, 2),
            new byte[] {-1, (byte) 0xC3, 0, 17, 8, 0, 48, 0, 64, 3},
            new byte[] {'R', 0x11, 0, 'G', 0x11, 0, 'B', 0x11, 0},
            new byte[] {-1, (byte) 0xC4, 0, 20, 0},
            counts,
            new byte[] {0, -1, (byte) 0xDA, 0, 12, 3, 'R', 0, 'G', 0, 'B', 0, 1, 0, 0},
            new byte[3 * 64 * 48 / 8],
            new byte[] {-1, (byte) 0xD9});
    Decoded decoded = Decoder.decode(wide, Limits.STANDARD, (width, height) -> 8);
    assertThat(decoded.reduction()).isEqualTo(1);
    assertThat(decoded.pixels().width()).isEqualTo(64);
    assertThat(decoded.pixels().height()).isEqualTo(48);
  }
}
