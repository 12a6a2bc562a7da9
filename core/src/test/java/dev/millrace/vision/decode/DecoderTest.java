package dev.millrace.vision.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures of golden/pictures.py, and bad files made here. */
class DecoderTest {
  private static final int[][] QUARTERS = {
    {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255},
  };
  private static final int[] LUMA = {76, 150, 29, 255};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline.jpg", "progressive.jpg", "cmyk.jpg", "exif2.jpg", "exif3.jpg", "exif6.jpg",
        "exif8.jpg", "rgb.png", "palette.png", "alpha.png", "animated.png", "still.gif",
        "animated.gif", "lossless.webp", "lossy.webp", "animated.webp", "rgb.bmp", "rgb.tif",
        "lzw.tif", "rgb.ppm",
      })
  void everyFormatShowsTheSameUprightPicture(String name) throws Exception {
    Pixels pixels = Decoder.decode(file(name));
    assertThat(pixels.width()).isEqualTo(32);
    assertThat(pixels.height()).isEqualTo(16);
    for (int quarter = 0; quarter < 4; quarter++) {
      for (int c = 0; c < 3; c++) {
        assertThat(middle(pixels, quarter, c))
            .as("channel %d of quarter %d", c, quarter)
            .isBetween(QUARTERS[quarter][c] - 6, QUARTERS[quarter][c] + 6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grey.jpg", "grey.png", "grey16.png", "grey.pgm"})
  void greyBecomesThreeEqualChannels(String name) throws Exception {
    Pixels pixels = Decoder.decode(file(name));
    for (int quarter = 0; quarter < 4; quarter++) {
      for (int c = 0; c < 3; c++) {
        assertThat(middle(pixels, quarter, c)).isBetween(LUMA[quarter] - 2, LUMA[quarter] + 2);
      }
    }
  }

  @Test
  void aFileOfMoreThan512MiBIsReadByNobodyAndNamed(@TempDir Path folder) throws Exception {
    Path huge = folder.resolve("huge.tif");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(3L << 30); // it holds nothing
    }
    assertThatThrownBy(() -> Decoder.read(huge))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("huge.tif has 3221225472 bytes")
        .hasMessageContaining("512 MiB");
    Path small = Files.write(folder.resolve("small.ppm"), new byte[] {1, 2, 3});
    assertThat(Decoder.read(small)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> Decoder.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.getFileName().toString());
  }

  @Test
  void alphaIsDroppedSoHiddenColoursShow() throws Exception {
    assertThat(Decoder.decode(file("alpha.png")).rgb())
        .isEqualTo(Decoder.decode(file("rgb.png")).rgb());
  }

  @Test
  void otherPortableAnymapsAreReadToo() throws Exception {
    assertThat(Decoder.decode(file("bits.pbm")).width()).isEqualTo(32);
    assertThat(rgb("P3\n# two\n2 1 255\n1 2 3 4 5 6\n")).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(rgb("P6 1 1 65535\n\20\0\40\0\100\0")).containsExactly(16, 32, 64);
  }

  @Test
  void binaryAnymapsWithCommentsAndOtherRangesAreRead() throws Exception {
    assertThat(rgb("P6 # c\n# d\n1 2\n255\n\1\2\3\4\5\6")).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(rgb("P5 2 1 15\n\0\17")).containsExactly(0, 0, 0, -1, -1, -1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "exif6.jpg",
        "rgb.png",
        "animated.png",
        "still.gif",
        "lossless.webp",
        "lossy.webp",
        "rgb.bmp",
        "rgb.tif",
        "rgb.ppm",
        "grey.pgm",
      })
  void aFileCutOffAnywhereIsRefused(String name) throws Exception {
    byte[] whole = file(name);
    // A cut within a GIF's trailer, a TIFF's padding loses no pixel; up to 9/10 every format does.
    for (int tenths = 1; tenths <= 9; tenths++) {
      byte[] cut = Arrays.copyOf(whole, whole.length * tenths / 10);
      assertThatThrownBy(() -> Decoder.decode(cut))
          .as("%d of %d bytes", cut.length, whole.length)
          .isInstanceOf(BadPictureException.class);
    }
  }

  @Test
  void aCutOffJpegSaysSo() throws Exception {
    byte[] jpeg = file("baseline.jpg");
    assertBad(Arrays.copyOf(jpeg, jpeg.length / 2), "cut off: the JPEG's");
    assertThat(Decoder.decode(Arrays.copyOf(jpeg, jpeg.length - 2)).rgb())
        .as("without its end marker, but with all pixels")
        .isEqualTo(Decoder.decode(jpeg).rgb());
    byte[] padded = Arrays.copyOf(jpeg, jpeg.length + 500);
    assertThat(Decoder.decode(padded).rgb())
        .as("with more after its end")
        .isEqualTo(Decoder.decode(jpeg).rgb());
  }

  @Test
  void aPngWithAWrongByteIsRefusedByItsChecksum() throws Exception {
    byte[] png = file("rgb.png");
    png[45] ^= 1;
    assertBad(png, "does not match its checksum");
  }

  @Test
  void filesThatAreNoPicturesAreRefusedWithWhatTheyAre() {
    assertBad(new byte[0], "empty: the picture has no bytes");
    assertBad("<html>Not found".getBytes(ISO_8859_1), "it is a web page");
    assertBad("Not found".getBytes(ISO_8859_1), "it starts with the text 'Not found'");
    assertBad(new byte[100], "it starts with bytes 00 00");
    assertBad(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF}, "cut off");
    assertBad("P".getBytes(ISO_8859_1), "not a picture");
    assertBad("P6 x".getBytes(ISO_8859_1), "no usable number at byte 3");
    assertBad("P6 1".getBytes(ISO_8859_1), "cut off");
    assertBad("P6 99999999999 1 255\n".getBytes(ISO_8859_1), "no usable number");
    assertBad("P6 2 2 255\nabc".getBytes(ISO_8859_1), "needs 12 samples, the file has 3");
    assertBad("P5 1 1 0\na".getBytes(ISO_8859_1), "largest sample value is 0");
  }

  @Test
  void formatsOfUnknownSizeAreRefused() throws Exception {
    assertBad(file("other.jp2"), "not read: a JPEG 2000; save it as JPEG or PNG");
    assertBad(new byte[100], "which is none of JPEG, PNG, GIF, BMP, WebP, TIFF or PPM/PGM");
  }

  @Test
  void hugePicturesAreRefusedBeforeTheyAreDecoded() throws Exception {
    assertBad("P6 60000 60000 255\n".getBytes(ISO_8859_1), "too large: 60000×60000 pixels");
    assertBad(hugePng(), "too large: 100000×100000 pixels, the limit is 100000000");
    byte[] jpeg = file("baseline.jpg");
    assertThatThrownBy(() -> Decoder.decode(jpeg, new Limits(511)))
        .hasMessageContaining("too large: 32×16 pixels, the limit is 511");
    assertThat(Decoder.decode(jpeg, new Limits(512)).width()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.png",
        "still.gif",
        "lossless.webp",
        "lossy.webp",
        "animated.webp",
        "rgb.bmp",
        "rgb.tif",
        "bits.pbm",
        "exif6.jpg"
      })
  void everyHeaderGivesTheSizeBeforeDecoding(String name) throws Exception {
    byte[] bytes = file(name);
    assertThatThrownBy(() -> Decoder.decode(bytes, new Limits(511)))
        .hasMessageMatching("too large: (32×16|16×32) pixels.*");
  }

  @Test
  void randomDamageNeverDoesWorseThanARefusal() throws Exception {
    for (String name :
        new String[] {
          "baseline.jpg", "rgb.png", "still.gif", "lossy.webp", "rgb.bmp", "rgb.tif", "rgb.ppm"
        }) {
      byte[] whole = file(name);
      for (int i = 0; i < whole.length; i += 1 + whole.length / 60) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) 0xA5;
        try {
          Pixels pixels = Decoder.decode(damaged, new Limits(1 << 20));
          assertThat(pixels.rgb()).hasSize(3 * pixels.width() * pixels.height());
        } catch (BadPictureException e) {
          assertThat(e.reason()).isNotBlank();
        }
      }
    }
  }

  private static byte[] hugePng() {
    byte[] ihdr = "IHDR\0\1\u0086\u00a0\0\1\u0086\u00a0\10\2\0\0\0".getBytes(ISO_8859_1);
    return ByteBuffer.allocate(8 + 25 + 12)
        .put("\u0089PNG\r\n\u001a\n".getBytes(ISO_8859_1))
        .putInt(13)
        .put(ihdr)
        .putInt(crc(ihdr))
        .putInt(0)
        .put("IEND".getBytes(ISO_8859_1))
        .putInt(crc("IEND".getBytes(ISO_8859_1)))
        .array();
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static byte[] rgb(String file) throws BadPictureException {
    return Decoder.decode(file.getBytes(ISO_8859_1)).rgb();
  }

  private static void assertBad(byte[] bytes, String reason) {
    assertThatThrownBy(() -> Decoder.decode(bytes))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining(reason);
  }

  private static int middle(Pixels pixels, int quarter, int channel) {
    int x = 8 + 16 * (quarter % 2);
    int y = 4 + 8 * (quarter / 2);
    return pixels.rgb()[3 * (y * pixels.width() + x) + channel] & 0xFF;
  }

  static byte[] file(String name) throws Exception {
    try (InputStream in = DecoderTest.class.getResourceAsStream("/golden/pictures/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void aPngPackedByXcodeIsNamed() throws Exception {
    byte[] png = file("rgb.png");
    byte[] packed =
        Written.join(
            Arrays.copyOf(png, 8),
            new byte[] {0, 0, 0, 4},
            Written.ascii("CgBI"),
            new byte[] {0x50, 0, 0x20, 2, 0x2B, (byte) 0xD5, (byte) 0xB3, 0x7F},
            Arrays.copyOfRange(png, 8, png.length));
    assertThatThrownBy(() -> Decoder.decode(packed))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining("not read: a PNG packed by Xcode; save it anew");
  }
}
