package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BmpFileTest {
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int FIELDS = 3;

  /** 256 colours: number i is (i, 2i, 3i). */
  private static byte[] palette() {
    byte[] palette = new byte[4 * 256];
    for (int i = 0; i < 256; i++) {
      palette[4 * i] = (byte) (3 * i);
      palette[4 * i + 1] = (byte) (2 * i);
      palette[4 * i + 2] = (byte) i;
    }
    return palette;
  }

  /** The palette numbers of a picture's pixels: its red channel. */
  private static int[] red(byte[] file) throws BadPictureException {
    byte[] rgb = Decoder.decode(file).rgb();
    int[] red = new int[rgb.length / 3];
    for (int i = 0; i < red.length; i++) {
      red[i] = rgb[3 * i] & 0xFF;
      assertThat(rgb[3 * i + 2]).isEqualTo((byte) (3 * red[i]));
    }
    return red;
  }

  private static byte[] rle(int bits, int... runs) {
    byte[] body = new byte[runs.length];
    for (int i = 0; i < runs.length; i++) {
      body[i] = (byte) runs[i];
    }
    return Written.bmp(40, 6, 3, bits, bits == 8 ? RLE8 : RLE4, palette(), body);
  }

  private static void assertRefused(byte[] file, String words) {
    assertThatThrownBy(() -> Decoder.decode(file))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining(words);
  }

  @Test
  void runsThatReachBeyondTheirRowAreCutThere() throws Exception {
    byte[] file = rle(8, 3, 1, 5, 2, 0, 0, 8, 3, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1);
    assertThat(red(file)).containsExactly(1, 2, 3, 4, 5, 6, 3, 3, 3, 3, 3, 3, 1, 1, 1, 2, 2, 2);
  }

  @Test
  void jumpsLeaveTheFirstColourAndTheEndMayComeEarly() throws Exception {
    byte[] file = rle(8, 2, 9, 0, 2, 1, 1, 2, 7, 0, 1);
    assertThat(red(file)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 0, 9, 9, 0, 0, 0, 0);
  }

  @Test
  void halvesOfBytesAlternateInRle4() throws Exception {
    byte[] file = rle(4, 5, 0x12, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 0, 0, 6, 0x99, 0, 1);
    assertThat(red(file)).containsExactly(9, 9, 9, 9, 9, 9, 3, 4, 5, 6, 7, 0, 1, 2, 1, 2, 1, 0);
  }

  @Test
  void runsThatEndTooEarlyAreRefused() {
    assertRefused(rle(8, 6, 1, 0, 0, 3, 2), "cut off: the BMP's runs end in row 2 of 3");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void palettesOfAllDepthsAreLookedUpFromTheBottomOrTheTop(int bits) throws Exception {
    int[] numbers = {1, 0, 1, 1, 0, 1, 1, 1, 0};
    byte[] row = new byte[12 * 2];
    for (int i = 0; i < numbers.length; i++) {
      row[i * bits / 8] |= (byte) (numbers[i] << 8 - bits - i * bits % 8);
      row[(9 * bits + 31) / 32 * 4 + i * bits / 8] |= (byte) (1 << 8 - bits - i * bits % 8);
    }
    byte[] rows = java.util.Arrays.copyOf(row, 2 * ((9 * bits + 31) / 32 * 4));
    byte[] colours = java.util.Arrays.copyOf(palette(), 4 << bits);
    int[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    int[] up = red(Written.bmp(40, 9, 2, bits, 0, colours, rows));
    assertThat(java.util.Arrays.copyOf(up, 9)).isEqualTo(ones);
    assertThat(java.util.Arrays.copyOfRange(up, 9, 18)).isEqualTo(numbers);
    int[] down = red(Written.bmp(40, 9, -2, bits, 0, colours, rows));
    assertThat(java.util.Arrays.copyOf(down, 9)).isEqualTo(numbers);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 52, 56, 108, 124})
  void bitFieldsAreReadBehindOrInEveryHeader(int header) throws Exception {
    byte[] masks = Written.join(little(0xF800), little(0x7E0), little(0x1F));
    byte[] body = {0, (byte) 0xF8, (byte) 0xE0, 7, 0x1F, 0, 0, 0};
    assertThat(Decoder.decode(Written.bmp(header, 3, 1, 16, FIELDS, masks, body)).rgb())
        .containsExactly(-1, 0, 0, 0, -1, 0, 0, 0, -1);
    byte[] wide = Written.join(little(0xFF), little(0xFF00), little(0xFF0000));
    assertThat(
            Decoder.decode(Written.bmp(header, 1, 1, 32, FIELDS, wide, new byte[] {10, 20, 30, 40}))
                .rgb())
        .containsExactly(10, 20, 30);
  }

  private static byte[] little(long value) {
    return Written.little(4, value);
  }

  @Test
  void plainPixelsOf15_24And32BitsAreReadAndAlphaIsDropped() throws Exception {
    byte[] none = {};
    assertThat(
            Decoder.decode(Written.bmp(40, 1, 1, 16, 0, none, new byte[] {0x1F, 0x7C, 0, 0})).rgb())
        .containsExactly(-1, 0, -1);
    assertThat(Decoder.decode(Written.bmp(40, 1, 1, 24, 0, none, new byte[] {1, 2, 3, 0})).rgb())
        .containsExactly(3, 2, 1);
    assertThat(Decoder.decode(Written.bmp(40, 1, 1, 32, 0, none, new byte[] {1, 2, 3, 0})).rgb())
        .containsExactly(3, 2, 1);
  }

  @Test
  void otherKindsAreRefusedByNameAndCutOnesToo() {
    byte[] none = {};
    assertRefused(
        Written.bmp(40, 4, 4, 0, 4, none, new byte[99]), "not read: a BMP that holds a JPEG");
    assertRefused(Written.bmp(40, 4, 4, 24, 9, none, new byte[99]), "of compression 9");
    assertRefused(Written.bmp(64, 4, 4, 1, 3, none, new byte[99]), "compressed as a fax");
    assertRefused(Written.bmp(40, 4, 4, 5, 0, none, new byte[99]), "do not go together");
    assertRefused(Written.bmp(40, 40, 40, 24, 0, none, new byte[99]), "cut off: a 40×40 BMP");
    assertRefused(Written.bmp(40, 0, 4, 24, 0, none, new byte[99]), "says that it is 0×4");
  }

  @Test
  void runsWhoseRestIsZerosAreRefused() {
    assertRefused(
        rle(8, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        "cut off: the BMP's runs have no end, the file ends in");
  }

  @Test
  void pixelsAtByteZeroAreReadFromBehindHeaderAndColours() throws Exception {
    byte[] colours = java.util.Arrays.copyOf(palette(), 4 << 4);
    byte[] masks = Written.join(little(0xF800), little(0x7E0), little(0x1F));
    byte[][] files = {
      Written.bmp(40, 4, 1, 24, 0, new byte[0], new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}),
      Written.bmp(40, 4, 1, 4, 0, colours, new byte[] {0x12, 0x34, 0, 0}),
      Written.bmp(40, 2, 1, 16, FIELDS, masks, new byte[] {0, (byte) 0xF8, (byte) 0xE0, 7}),
      Written.bmp(56, 2, 1, 16, FIELDS, masks, new byte[] {0, (byte) 0xF8, (byte) 0xE0, 7}),
    };
    for (byte[] file : files) {
      byte[] rgb = Decoder.decode(file).rgb();
      java.util.Arrays.fill(file, 10, 14, (byte) 0);
      assertThat(Decoder.decode(file).rgb()).isEqualTo(rgb);
      file[10] = 20;
      assertRefused(file, "broken: the BMP says that its pixels begin at byte 20, in its header");
    }
  }
}
