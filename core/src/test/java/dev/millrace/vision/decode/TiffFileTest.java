package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TiffFileTest {
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int COLOURS = 262;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES = 277;
  private static final int EXTRA = 338;
  private static final int FORMAT = 339;

  private static byte[] tiff(byte[] data, int width, int bits, int samples, int... moreTags) {
    Map<Integer, int[]> tags = new HashMap<>();
    int[] all = new int[samples];
    Arrays.fill(all, bits);
    tags.put(BITS, all);
    tags.put(SAMPLES, new int[] {samples});
    tags.put(COLOURS, new int[] {samples < 3 ? 1 : 2});
    for (int i = 0; i < moreTags.length; i += 2) {
      tags.put(moreTags[i], new int[] {moreTags[i + 1]});
    }
    return Written.tiff(width, 1, data, tags);
  }

  private static byte[] samples(int bytes, int... values) {
    byte[] all = new byte[0];
    for (int value : values) {
      all = Written.join(all, Written.little(bytes, bytes == 2 ? value * 257L : value));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void alphaIsDroppedAndNotMultipliedBy(int bytes) throws Exception {
    byte[] data = samples(bytes, 200, 100, 50, 0, 10, 20, 30, 128, 7, 8, 9, 255);
    for (int kind : new int[] {0, 2}) {
      assertThat(Decoder.decode(tiff(data, 3, 8 * bytes, 4, EXTRA, kind)).rgb())
          .containsExactly((byte) 200, (byte) 100, (byte) 50, 10, 20, 30, 7, 8, 9);
    }
    byte[] grey = samples(bytes, 200, 0, 10, 128);
    assertThat(Decoder.decode(tiff(grey, 2, 8 * bytes, 2, EXTRA, 2)).rgb())
        .containsExactly((byte) 200, (byte) 200, (byte) 200, 10, 10, 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void coloursStoredMultipliedByAlphaAreDividedByIt(int bytes) throws Exception {
    byte[] data = samples(bytes, 100, 50, 25, 128, 0, 0, 0, 0, 7, 8, 9, 255);
    assertThat(Decoder.decode(tiff(data, 3, 8 * bytes, 4, EXTRA, 1)).rgb())
        .containsExactly((byte) 199, (byte) 99, (byte) 49, 0, 0, 0, 7, 8, 9);
  }

  @Test
  void kindsThatAreNotReadSayWhatTheyAre() {
    byte[] data = new byte[64];
    assertRefused(
        tiff(data, 4, 4, 1), "not read: a TIFF of 4 bits per sample; save it with 8 or 16");
    assertRefused(tiff(data, 4, 12, 1), "12 bits per sample");
    assertRefused(tiff(data, 4, 32, 1, FORMAT, 3), "floating-point samples of 32 bits");
    assertRefused(tiff(data, 4, 16, 1, FORMAT, 2), "signed samples of 16 bits");
    assertRefused(tiff(data, 4, 32, 1), "32 bits per sample");
    assertRefused(tiff(data, 4, 16, 4, COLOURS, 5), "CMYK with 16 bits per sample");
    assertRefused(tiff(data, 4, 8, 5), "5 samples per pixel");
    assertRefused(tiff(data, 4, 8, 3, COLOURS, 8), "CIE L*a*b*");
    assertRefused(tiff(data, 4, 8, 3, COMPRESSION, 34925), "compressed by LZMA");
    assertRefused(tiff(data, 4, 8, 3, COMPRESSION, 6), "the JPEG of before 1995");
    byte[] cut = tiff(new byte[12], 4, 8, 3);
    cut[7] = 0x7F;
    assertRefused(cut, "cut off");
  }

  @ParameterizedTest
  @ValueSource(ints = {ORIENTATION, EXTRA})
  void aTagThatIsRewrittenAndSaysMoreNumbersThanTheFileHoldsIsRefused(int tag) {
    byte[] damaged = tiff(new byte[12], 3, 8, 4, tag, 1);
    int entry = entry(damaged, tag);
    damaged[entry + 7] ^= 1; // 0x01000001 numbers
    assertRefused(damaged, "tag " + tag + " says that it has 16777217 numbers");
    Directory tags = new Directory(damaged, 0, damaged.length);
    List<Long> written = new ArrayList<>();
    assertThatThrownBy(() -> tags.overwrite(tag, (byte) 1, 1, (at, value) -> written.add(at)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(written).isEmpty();
  }

  @Test
  void noMoreNumbersAreRewrittenThanATagCanHave() {
    byte[] damaged = tiff(new byte[12], 3, 8, 4, ORIENTATION, 1);
    damaged[entry(damaged, ORIENTATION) + 4] = 9;
    Directory tags = new Directory(damaged, 0, damaged.length);
    List<Long> written = new ArrayList<>();
    tags.overwrite(ORIENTATION, (byte) 1, 1, (at, value) -> written.add(at));
    assertThat(written).hasSize(2);
  }

  /** Where a tag's entry begins, in a file of little-endian numbers. */
  private static int entry(byte[] tiff, int tag) {
    int at = (int) Bytes.little(tiff, 4, 4) + 2;
    while (Bytes.little(tiff, at, 2) != tag) {
      at += 12;
    }
    return at;
  }

  @Test
  void sixteenBitsThatUseLittleOfTheirRangeAreCounted() throws Exception {
    byte[] dark = samples(1, 0xFF, 0x0F, 0, 8, 0, 1);
    byte[] bright = samples(1, 0xFF, 0x1F, 0, 8, 0, 1);
    assertThat(Decoder.check(tiff(dark, 1, 16, 3)).narrow()).isTrue();
    assertThat(Decoder.check(tiff(bright, 1, 16, 3)).narrow()).isFalse();
    assertThat(Decoder.check(tiff(new byte[3], 1, 8, 3)).narrow()).isFalse();
  }

  private static void assertRefused(byte[] file, String words) {
    assertThatThrownBy(() -> Decoder.decode(file))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining(words);
  }

  /** A tile of 16×16 pixels of one sample that begins with some. */
  private static byte[] tiled(byte[] start, int width, int photometric, int... bits) {
    int depth = bits.length == 0 ? 16 : bits[0];
    byte[] data = Arrays.copyOf(start, width * 16 * depth / 8);
    return Written.tiff(
        width,
        16,
        data,
        Map.of(BITS, new int[] {depth}, SAMPLES, new int[] {1}, COLOURS, new int[] {photometric}),
        Map.of(
            322,
            new int[] {width},
            323,
            new int[] {16},
            324,
            new int[] {8},
            325,
            new int[] {data.length}));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sixteenBitsOfWhichZeroIsWhiteAreAsTheirEightBits(boolean tiles) throws Exception {
    byte[] eight = Decoder.decode(tiff(samples(1, 0, 10, 255), 3, 8, 1, COLOURS, 0)).rgb();
    assertThat(eight[0]).isEqualTo((byte) 255);
    byte[] data = samples(2, 0, 10, 255);
    byte[] deep = tiff(data, 3, 16, 1, COLOURS, 0);
    assertThat(Decoder.decode(tiles ? tiled(data, 32, 0) : deep).rgb()).startsWith(eight);
    assertThat(Decoder.decode(tiff(samples(2, 0, 10), 2, 16, 1)).rgb())
        .containsExactly(0, 0, 0, 10, 10, 10);
  }

  @Test
  void aPaletteThatIsNotWholeIsRefused() {
    assertRefused(
        tiff(new byte[4], 4, 8, 1, COLOURS, 3),
        "broken: the TIFF's palette has 0 numbers, expected 768");
    assertRefused(tiff(new byte[4], 4, 8, 1, COLOURS, 3, 320, 7), "has 1 numbers, expected 768");
  }

  @Test
  void tilesThatCannotBeReadSayWhatTheyAre() {
    assertRefused(
        tiled(new byte[9], 16, 1, 8),
        "not read: a TIFF of uncompressed tiles of 256 bytes; save it in strips");
  }
}
