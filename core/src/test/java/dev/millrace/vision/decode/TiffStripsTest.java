package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.engine.Natives;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
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
  private static final Duration SOON = Duration.ofSeconds(30);
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

  @Test
  void stripsThatShareOneStreamOfManyZerosAreReadNoFurtherThanTheirPixels() throws Exception {
    int rows = 2000;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      byte[] megabyte = new byte[1 << 20];
      for (int i = 0; i < 50; i++) {
        out.write(megabyte);
      }
    }
    byte[] stream = packed.toByteArray();
    int[] places = new int[rows];
    int[] lengths = new int[rows];
    Arrays.fill(places, 8);
    Arrays.fill(lengths, stream.length);
    byte[] tiff =
        Written.tiff(
            1,
            rows,
            stream,
            Map.of(258, new int[] {8}, 259, new int[] {8}, 262, new int[] {1}),
            Map.of(273, places, 278, new int[] {1}, 279, lengths));
    Pixels found = assertTimeoutPreemptively(SOON, () -> Decoder.decode(tiff));
    assertThat(found.height()).isEqualTo(rows);
  }

  @Test
  void tilesThatReachFarBeyondThePictureAreRefusedBeforeTheyAreUnpacked() {
    int side = 60_000;
    int[] places = new int[side];
    int[] lengths = new int[side];
    Arrays.fill(places, 8);
    Arrays.fill(lengths, 4);
    byte[] tiff =
        Written.tiff(
            1,
            side,
            new byte[4],
            Map.of(258, new int[] {8, 8, 8}, 259, new int[] {8}, 262, new int[] {2}),
            Map.of(
                277,
                new int[] {3},
                322,
                new int[] {side},
                323,
                new int[] {1},
                324,
                places,
                325,
                lengths));
    assertThatThrownBy(() -> Decoder.decode(tiff))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining("too costly: the TIFF's 60000 parts");
  }

  @Test
  void tagsAreFoundBehindTensOfThousandsOfOthersForEachOfAsManyStrips() {
    int rows = 100_000;
    int others = 65_000;
    int[][] tags = { // tag, type, count, number or place
      {256, 3, 1, 1},
      {257, 4, 1, rows},
      {258, 3, 1, 8},
      {262, 3, 1, 1},
      {273, 4, rows, 0},
      {278, 3, 1, 1},
      {279, 3, rows, 0},
    };
    int strips = 8 + 2 + 12 * (others + tags.length) + 4;
    tags[4][3] = strips;
    tags[6][3] = strips + 4 * rows;
    ByteBuffer b = ByteBuffer.allocate(strips + 6 * rows).order(ByteOrder.LITTLE_ENDIAN);
    b.put(Written.ascii("II*\0")).putInt(8).putShort((short) (others + tags.length));
    for (int i = 0; i < others; i++) {
      b.putShort((short) 254).putShort((short) 4).putInt(1).putInt(0);
    }
    for (int[] tag : tags) {
      b.putShort((short) tag[0]).putShort((short) tag[1]).putInt(tag[2]).putInt(tag[3]);
    }
    b.putInt(0);
    for (int i = 0; i < rows; i++) {
      b.putInt(8);
    }
    for (int i = 0; i < rows; i++) {
      b.putShort((short) 1);
    }
    Header header =
        assertTimeoutPreemptively(
            SOON,
            () -> {
              TiffStrips.check(b.array());
              return Header.of(b.array());
            });
    assertThat(header.height()).isEqualTo(rows);
  }
}
