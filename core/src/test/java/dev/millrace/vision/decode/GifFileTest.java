package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GifFileTest {
  private static final int GREYS = BufferedImage.TYPE_BYTE_GRAY;

  private static Pixels noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Random random = new Random(3);
    for (int i = 0; i < rgb.length; i += 3) {
      byte value = (byte) random.nextInt(256);
      Arrays.fill(rgb, i, i + 3, value);
    }
    return new Pixels(width, height, rgb);
  }

  /** A 2×2 picture, all of colour 1, on a canvas of 4×3; red, green, blue and white. */
  private static byte[] small(byte[] extension, int left, int top) {
    byte[] head = Written.join(Written.ascii("GIF89a"), new byte[] {4, 0, 3, 0, (byte) 0x81, 0, 0});
    byte[] palette = {-1, 0, 0, 0, -1, 0, 0, 0, -1, -1, -1, -1};
    byte[] picture = {',', (byte) left, 0, (byte) top, 0, 2, 0, 2, 0, 0};
    // Codes of three bits: clear, 1, 1, 1; of four: 1, end.
    int codes = 4 | 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12 | 5 << 16;
    byte[] data = {2, 3, (byte) codes, (byte) (codes >> 8), (byte) (codes >> 16), 0, ';'};
    return Written.join(head, palette, extension, picture, data);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void picturesOfJavasWriterComeOutExactly(boolean interlaced) throws Exception {
    for (int[] size : new int[][] {{300, 200}, {1, 1}, {1, 9}, {500, 3}}) {
      Pixels noise = noise(size[0], size[1]);
      BufferedImage image = new BufferedImage(size[0], size[1], GREYS);
      for (int i = 0; i < size[0] * size[1]; i++) {
        image.getRaster().setSample(i % size[0], i / size[0], 0, noise.rgb()[3 * i] & 255);
      }
      byte[] gif = Written.gif(image, interlaced);
      assertThat(Decoder.decode(gif).rgb()).isEqualTo(noise.rgb());
      assertThat(Decoder.decode(Arrays.copyOf(gif, gif.length - 1)).rgb())
          .as("without its trailer")
          .isEqualTo(noise.rgb());
    }
  }

  @Test
  void transparentPixelsShowTheirColourAndTheRestOfTheCanvasTheTransparentOne() throws Exception {
    byte[] g = {0, -1, 0};
    byte[] b = {0, 0, -1};
    byte[] r = {-1, 0, 0};
    byte[] green = {'!', (byte) 0xF9, 4, 1, 0, 0, 1, 0};
    byte[] blue = {'!', (byte) 0xF9, 4, 1, 0, 0, 2, 0};
    byte[] twelve = Decoder.decode(small(green, 1, 1)).rgb();
    assertThat(twelve).hasSize(36);
    for (int i = 0; i < 12; i++) {
      assertThat(Arrays.copyOfRange(twelve, 3 * i, 3 * i + 3)).isEqualTo(g);
    }
    assertThat(Decoder.decode(small(blue, 2, 1)).rgb())
        .isEqualTo(Written.join(b, b, b, b, b, b, g, g, b, b, g, g));
    assertThat(Decoder.decode(small(new byte[0], 0, 0)).rgb())
        .isEqualTo(Written.join(g, g, r, r, g, g, r, r, r, r, r, r));
  }

  @Test
  void aPictureThatReachesBeyondTheCanvasWidensIt() throws Exception {
    Pixels pixels = Decoder.decode(small(new byte[0], 5, 3));
    assertThat(pixels.width()).isEqualTo(7);
    assertThat(pixels.height()).isEqualTo(5);
  }

  @Test
  void cutOffEmptyAndLyingFilesAreRefused() throws Exception {
    byte[] gif = Written.gif(new BufferedImage(200, 200, GREYS), false);
    assertRefused(Arrays.copyOf(gif, gif.length - 40), "cut off: the GIF's first picture has");
    byte[] claims = small(new byte[0], 0, 0);
    System.arraycopy(Written.little(4, 9999 << 16 | 9999), 0, claims, 6, 4);
    assertRefused(claims, "too large for its bytes: 9999×9999 pixels");
    byte[] none = Arrays.copyOf(small(new byte[0], 0, 0), 26);
    none[25] = ';';
    assertRefused(none, "broken: the GIF has no picture in it");
  }

  private static void assertRefused(byte[] file, String words) {
    assertThatThrownBy(() -> Decoder.decode(file))
        .isInstanceOf(BadPictureException.class)
        .hasMessageContaining(words);
  }
}
