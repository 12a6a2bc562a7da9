package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegScansTest {
  private static final byte[] END = {(byte) 0xFF, (byte) 0xD9};

  /** With grain, so that every block has much to say. */
  private static byte[] grainy(int width, int height, boolean progressive) throws Exception {
    Random random = new Random(7);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      int y = i / width;
      int grain = random.nextInt(40);
      image.setRGB(x, y, (x * 200 / width + grain) << 16 | (y * 200 / height + grain) << 8 | grain);
    }
    return Written.jpeg(image, progressive);
  }

  private static void assertRefused(byte[] jpeg, String words) {
    assertThatThrownBy(() -> Decoder.decode(jpeg))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCutOffJpegIsRefusedHoweverItWasClosed(boolean progressive) throws Exception {
    byte[] jpeg = grainy(160, 120, progressive);
    for (int percent = 20; percent < 100; percent += 7) {
      byte[] cut = Arrays.copyOf(jpeg, jpeg.length * percent / 100);
      assertRefused(cut, "cut off");
      assertRefused(Written.join(cut, jpeg), "cut off");
      if (!progressive) {
        assertRefused(Written.join(cut, END), "cut off: the JPEG's data end after");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damagedBytesAreFoundInNearlyEveryCase(boolean progressive) throws Exception {
    byte[] jpeg = grainy(320, 240, progressive);
    Random random = new Random(5);
    int found = 0;
    for (int i = 0; i < 100; i++) {
      byte[] damaged = jpeg.clone();
      int from = 1000 + random.nextInt(jpeg.length - 1400);
      byte[] noise = new byte[300];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, damaged, from, noise.length);
      try {
        JpegScans.check(damaged);
      } catch (BadPictureException e) {
        assertThat(e.reason()).containsAnyOf("cut off", "damaged");
        found++;
      }
    }
    assertThat(found).isGreaterThan(95);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatLosesNothingIsAccepted(boolean progressive) throws Exception {
    byte[] jpeg = grainy(161, 119, progressive);
    byte[] pixels = Decoder.decode(jpeg).rgb();
    byte[] open = Arrays.copyOf(jpeg, jpeg.length - 2);
    byte[] start = Arrays.copyOf(jpeg, 20); // with JFIF's segment
    byte[] rest = Arrays.copyOfRange(jpeg, 20, jpeg.length);
    byte[][] harmless = {
      open,
      Written.join(jpeg, new byte[500]),
      Written.join(jpeg, jpeg),
      Written.join(open, new byte[20], END),
      Written.join(start, Written.ascii("garbage"), rest),
      Written.join(start, new byte[] {-1, -1, -1}, rest),
      Written.join(open, new byte[] {(byte) 0xFF, (byte) 0xE5, 0, 4, 1, 2}, END),
    };
    for (byte[] file : harmless) {
      assertThat(Decoder.decode(file).rgb()).isEqualTo(pixels);
    }
  }

  @Test
  void aSmallFileThatClaimsAHugePictureIsRefusedBeforeItIsAllocated() {
    byte[] jpeg = Written.flatJpeg(8, 8, 0xC0, 8);
    byte[] claims = jpeg.clone();
    int frame = 2 + 2 + 67 + 2;
    System.arraycopy(new byte[] {0x27, 0x10, 0x27, 0x10}, 0, claims, frame + 3, 4);
    assertRefused(claims, "too large for its bytes: 10000×10000 pixels");
    byte[] less = jpeg.clone();
    System.arraycopy(new byte[] {8, 0, 8, 0}, 0, less, frame + 3, 4);
    assertRefused(less, "bytes cannot hold a JPEG of 2048×2048 pixels");
  }

  @Test
  void rareKindsAreRefusedByName() {
    assertRefused(Written.flatJpeg(16, 16, 0xC1, 12), "not read: a JPEG of 12 bits per sample");
    assertRefused(Written.flatJpeg(16, 16, 0xC5, 8), "not read: a JPEG of a rare kind");
  }

  @Test
  void hundredsOfScansOfALargePictureAreRefusedBeforeTheyAreDecoded() throws Exception {
    byte[] jpeg = Written.flatJpeg(8000, 8000, 0xC2, 8);
    byte[] scan = {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 0, 0};
    byte[] all = Arrays.copyOf(jpeg, jpeg.length - 2);
    for (int i = 0; i < 100; i++) {
      all = Written.join(all, scan);
    }
    assertRefused(Written.join(all, END), "too costly: a JPEG of 8000×8000 pixels in 101 scans");
  }

  @Test
  void photographsOf108And200MegapixelsAreReadAtAReducedScale() throws Exception {
    for (int[] size : new int[][] {{12000, 9000}, {16320, 12240}}) {
      byte[] jpeg = Written.flatJpeg(size[0], size[1], 0xC0, 8);
      Decoder.Checked checked = Decoder.check(jpeg);
      assertThat(checked.width()).isEqualTo(size[0]);
      Decoded decoded = Decoder.trusted(jpeg, (width, height) -> 8);
      assertThat(decoded.width()).isEqualTo(size[0]);
      assertThat(decoded.pixels().width()).isEqualTo(size[0] / 8);
      assertThat(Decoder.forView(jpeg, 224).width()).isEqualTo(size[0] / 4);
    }
    assertRefused(Written.flatJpeg(30000, 20000, 0xC0, 8), "the limit is 400000000");
  }

  @Test
  void aJpegWhoseRestIsZerosIsRefused() throws Exception {
    byte[] jpeg = grainy(160, 120, false);
    for (int percent : new int[] {30, 50, 90}) {
      byte[] cut = Arrays.copyOf(jpeg, jpeg.length * percent / 100);
      assertRefused(Arrays.copyOf(cut, jpeg.length), "cut off");
    }
    byte[] flat = Written.flatJpeg(800, 800, 0xC0, 8); // of zeros by itself
    assertThat(Decoder.decode(flat).width()).isEqualTo(800);
  }

  @Test
  void aRestartMarkerOutOfTurnIsRefused() throws Exception {
    byte[] jpeg = restarting(16, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6);
    assertThat(Decoder.decode(jpeg).width()).isEqualTo(128);
    byte[] wrong = restarting(16, 0, 1, 2, 5, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6);
    assertRefused(wrong, "damaged: restart marker 5 where 3 is expected");
  }

  /** An even grey of a row of blocks, a restart marker of these numbers between each two. */
  private static byte[] restarting(int blocks, int... numbers) {
    byte[] flat = Written.flatJpeg(8 * blocks, 8, 0xC0, 8);
    int scan = flat.length - 2 - (blocks + 3) / 4;
    int start = scan - 10;
    byte[] all =
        Written.join(
            Arrays.copyOf(flat, start),
            new byte[] {(byte) 0xFF, (byte) 0xDD, 0, 4, 0, 1},
            Arrays.copyOfRange(flat, start, scan),
            new byte[] {0x3F});
    for (int number : numbers) {
      all = Written.join(all, new byte[] {(byte) 0xFF, (byte) (0xD0 + number), 0x3F});
    }
    return Written.join(all, END);
  }

  @Test
  void blocksBehindTheLastAreSaidInOneSentence() {
    byte[] flat = Written.flatJpeg(80, 80, 0xC0, 8);
    byte[] more = Written.join(Arrays.copyOf(flat, flat.length - 2), new byte[] {0x3F}, END);
    assertRefused(more, "damaged: the JPEG's data hold 1 blocks too many for its size");
  }
}
