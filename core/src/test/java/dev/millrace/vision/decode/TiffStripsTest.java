package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.engine.Natives;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiffStripsTest {
  private static final int WIDTH = 150;
  private static final int HEIGHT = 130;
  private static final int PLACES = 273;
  private static final int LENGTHS = 279;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  /** A picture of smooth and of random parts, so that tables of strings fill and are cleared. */
  private static BufferedImage picture(int type) {
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, type);
    Random random = new Random(7);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        picture.setRGB(x, y, x < 40 ? 0xFF406080 + y / 9 : 0xFF000000 | random.nextInt(1 << 24));
      }
    }
    return picture;
  }

  private static byte[] tiff(String packing, int type, int tile) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (!packing.equals("none")) {
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionType(packing);
      }
      if (tile > 0) {
        param.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
        param.setTiling(tile, tile, 0, 0);
      }
      writer.write(null, new IIOImage(picture(type), null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "LZW, 1, 0",
    "LZW, 10, 0",
    "LZW, 11, 0",
    "LZW, 1, 32",
    "Deflate, 1, 0",
    "Deflate, 11, 0",
    "ZLib, 1, 0",
    "PackBits, 1, 0",
    "PackBits, 12, 0",
    "Deflate, 1, 32",
    "none, 1, 0",
    "none, 1, 32",
    "JPEG, 1, 0"
  })
  void wholeFilesAreGoodAndOneOfWhichAPartIsZerosOrCutIsNot(String packing, int type, int tile)
      throws Exception {
    byte[] whole = tiff(packing, type, tile);
    assertThat(Decoder.check(whole).width()).isEqualTo(WIDTH);
    Directory tags = new Directory(whole, 0, whole.length);
    int places = tile > 0 ? 324 : PLACES;
    int lengths = tile > 0 ? 325 : LENGTHS;
    assumeTrue(tags.has(lengths) && tags.count(places) > 3);
    assumeTrue(!packing.equals("none") && !packing.equals("JPEG"), "zeros are black there");
    int from = (int) tags.at(places, 2);
    int length = (int) tags.at(lengths, 2);
    byte[] zeros = whole.clone();
    Arrays.fill(zeros, from, from + length, (byte) 0);
    refused(zeros, "part 3 of " + tags.count(places));
    byte[] half = whole.clone(); // the rest of it is what lay behind a hole in a download
    Arrays.fill(half, from + length / 2, from + length, (byte) 0);
    if (!packing.equals("PackBits")) { // of which zeros are pixels, too
      refused(half, "part 3 of " + tags.count(places));
    }
  }

  private static void refused(byte[] bytes, String part) {
    assertThatThrownBy(() -> Decoder.check(bytes))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining("broken: the TIFF's " + part);
  }

  @Test
  void stripsThatSayHalfOfTheirLengthAreRefusedWhereNoReaderGuessesAnother() throws Exception {
    byte[] data = new byte[4 * 3 * 4];
    Arrays.fill(data, (byte) 9);
    assertThat(Decoder.check(strips(data, 24)).width()).isEqualTo(4);
    refused(strips(data, 12), "part 1 of 2 unpacks to 12 good bytes, expected 24");
  }

  /** Two strips of two rows of four pixels. */
  private static byte[] strips(byte[] data, int length) {
    return Written.tiff(
        4,
        4,
        data,
        Map.of(258, new int[] {8, 8, 8}, 262, new int[] {2}, 277, new int[] {3}),
        Map.of(273, new int[] {8, 8 + 24}, 278, new int[] {2}, 279, new int[] {length, length}));
  }
}
