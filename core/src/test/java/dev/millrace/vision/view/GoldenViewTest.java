package dev.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operation against Pillow's; the pictures are made by golden/views.py. */
class GoldenViewTest {
  private static final int SIDE = 40;
  private static final int N = SIDE * SIDE;

  private final Scratch s = new Scratch();

  @ParameterizedTest
  @CsvSource({"smooth,0.6", "smooth,1.4", "noise,0.6", "noise,1.4"})
  void brightnessIsPillows(String input, float factor) throws Exception {
    load(input);
    Colour.brightness(s.red[0], N, factor);
    Colour.brightness(s.green[0], N, factor);
    Colour.brightness(s.blue[0], N, factor);
    assertClose("brightness_" + factor + "_" + input, 2);
  }

  @ParameterizedTest
  @CsvSource({"smooth,0.6", "smooth,1.4", "noise,0.6", "noise,1.4"})
  void contrastIsPillows(String input, float factor) throws Exception {
    load(input);
    s.mean.start(N);
    s.mean.add(s.red[0], s.green[0], s.blue[0], N);
    for (float[] plane : new float[][] {s.red[0], s.green[0], s.blue[0]}) {
      Colour.contrast(plane, N, factor, s.mean.value());
    }
    assertClose("contrast_" + factor + "_" + input, 2);
  }

  @ParameterizedTest
  @CsvSource({"smooth,0.6", "smooth,1.4", "noise,0.6", "noise,1.4"})
  void saturationIsPillows(String input, float factor) throws Exception {
    load(input);
    Colour.saturation(s.red[0], s.green[0], s.blue[0], N, factor, s.spare1);
    assertClose("saturation_" + factor + "_" + input, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smooth", "noise"})
  void greyIsPillows(String input) throws Exception {
    load(input);
    Colour.grey(s.red[0], s.green[0], s.blue[0], N);
    assertClose("grey_" + input, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "smooth,-25",
    "smooth,11",
    "smooth,25",
    "noise,-25",
    "noise,11",
    "noise,25",
  })
  void hueIsPillowsUpToItsEightBitHues(String input, int shift) throws Exception {
    load(input);
    Colour.hue(
        s.red[0], s.green[0], s.blue[0], N, shift / 255f, s.spare1, s.spare2, s.spare3, s.spare4);
    double[] off = differences("hue_" + shift + "_" + input);
    assertThat(Arrays.stream(off).average().orElseThrow()).isLessThanOrEqualTo(2);
    assertThat(off[(int) (off.length * 0.99)]).isLessThanOrEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "smooth,0.1", "smooth,0.7", "smooth,2.0", "smooth,5.0",
    "noise,0.1", "noise,0.7", "noise,2.0", "noise,5.0",
  })
  void blurIsPillowsIfRoundedAfterEachPassAsPillowDoes(String input, double sigma)
      throws Exception {
    load(input);
    float[][] to = new float[SIDE][SIDE];
    for (float[] plane : new float[][] {s.red[0], s.green[0], s.blue[0]}) {
      float[][] rows = new float[SIDE][];
      Arrays.setAll(rows, y -> Arrays.copyOfRange(plane, y * SIDE, (y + 1) * SIDE));
      for (int pass = 0; pass < 6; pass++) {
        if (pass < 3) {
          for (int y = 0; y < SIDE; y++) {
            Blur.across(rows[y], to[y], Blur.boxRadius(sigma));
          }
        } else {
          Blur.down(rows, to, Blur.boxRadius(sigma));
        }
        for (int i = 0; i < N; i++) {
          rows[i / SIDE][i % SIDE] = Math.round(to[i / SIDE][i % SIDE]);
        }
      }
      for (int i = 0; i < N; i++) {
        plane[i] = rows[i / SIDE][i % SIDE];
      }
    }
    assertClose("blur_" + sigma + "_" + input, 1);
  }

  /**
   * Six roundings of half a unit each are Pillow's; without them the result is nearer the truth.
   */
  @ParameterizedTest
  @CsvSource({
    "smooth,0.1", "smooth,0.7", "smooth,2.0", "smooth,5.0",
    "noise,0.1", "noise,0.7", "noise,2.0", "noise,5.0",
  })
  void blurWithoutRoundingStaysNearPillows(String input, double sigma) throws Exception {
    load(input);
    s.blur().gaussian(s.red, sigma);
    s.blur().gaussian(s.green, sigma);
    s.blur().gaussian(s.blue, sigma);
    double[] off = differences("blur_" + sigma + "_" + input);
    assertThat(Arrays.stream(off).average().orElseThrow()).isLessThanOrEqualTo(1.5);
    assertThat(off[off.length - 1]).isLessThanOrEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "smooth,0,0,63,45", "smooth,5,3,32,32", "smooth,20,11,23,29", "smooth,40,2,20,43",
    "smooth,7,9,3,1", "noise,0,0,63,45", "noise,5,3,32,32", "noise,20,11,23,29",
    "noise,40,2,20,43", "noise,7,9,3,1",
  })
  void croppingAndResizingArePillows(String input, int x, int y, int w, int h) throws Exception {
    s.fit(32);
    s.resize.crop(Decoded.whole(picture("oblong_" + input)), new Crop(x, y, w, h), false, 32);
    s.resize.band(s.red[0], s.green[0], s.blue[0]);
    assertClose("crop_" + x + "_" + y + "_" + w + "_" + h + "_" + input, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smooth", "noise"})
  void shrinkingManyTimesIsPillows(String input) throws Exception {
    s.fit(7);
    s.resize.crop(Decoded.whole(picture("oblong_" + input)), new Crop(2, 1, 58, 40), false, 7);
    s.resize.band(s.red[0], s.green[0], s.blue[0]);
    assertClose("small_" + input, 2);
  }

  @ParameterizedTest
  @CsvSource({"smooth,20", "smooth,45", "smooth,50", "noise,20", "noise,45", "noise,50"})
  void thePlainViewIsTorchvisions(String input, int size) throws Exception {
    ViewMaker maker =
        new ViewMaker(
            Augmentation.mocoV2(32), new Normalisation(new float[3], new float[] {1, 1, 1}));
    float[] view = new float[3 * size * size];
    maker.plain(picture("oblong_" + input), size, FloatBuffer.wrap(view), 0);
    s.fit(size);
    for (int i = 0; i < size * size; i++) {
      s.red[0][i] = view[i] * 255;
      s.green[0][i] = view[size * size + i] * 255;
      s.blue[0][i] = view[2 * size * size + i] * 255;
    }
    assertClose("plain_" + size + "_" + input, 2);
  }

  private void load(String input) throws Exception {
    Pixels picture = picture("input_" + input);
    s.fit(SIDE);
    for (int i = 0; i < N; i++) {
      s.red[0][i] = picture.rgb()[3 * i] & 0xFF;
      s.green[0][i] = picture.rgb()[3 * i + 1] & 0xFF;
      s.blue[0][i] = picture.rgb()[3 * i + 2] & 0xFF;
    }
  }

  private void assertClose(String golden, double tolerance) throws Exception {
    double[] off = differences(golden);
    assertThat(off[off.length - 1]).as("largest difference").isLessThanOrEqualTo(tolerance);
  }

  /** Absolute differences to a golden picture in 1/255, ascending. */
  private double[] differences(String golden) throws Exception {
    Pixels expected = picture(golden);
    double[] off = new double[expected.rgb().length];
    for (int i = 0; i < off.length / 3; i++) {
      off[3 * i] = Math.abs(s.red[0][i] - (expected.rgb()[3 * i] & 0xFF));
      off[3 * i + 1] = Math.abs(s.green[0][i] - (expected.rgb()[3 * i + 1] & 0xFF));
      off[3 * i + 2] = Math.abs(s.blue[0][i] - (expected.rgb()[3 * i + 2] & 0xFF));
    }
    Arrays.sort(off);
    return off;
  }

  private static Pixels picture(String name) throws Exception {
    try (InputStream in =
        GoldenViewTest.class.getResourceAsStream("/golden/views/" + name + ".ppm")) {
      assertThat(in).as("golden picture %s", name).isNotNull();
      return Decoder.decode(in.readAllBytes());
    }
  }
}
