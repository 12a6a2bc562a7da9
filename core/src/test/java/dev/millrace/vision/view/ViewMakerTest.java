package dev.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.vision.decode.Pixels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewMakerTest {
  private static final Augmentation MOCO = Augmentation.mocoV2(32);
  private static final Normalisation NONE =
      new Normalisation(new float[] {0, 0, 0}, new float[] {1, 1, 1});

  private final ViewMaker views = new ViewMaker(MOCO, Normalisation.imagenet());

  static Pixels random(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Draw.of(seed, "test picture", i).bits();
    }
    return new Pixels(width, height, rgb);
  }

  private static float[] view(ViewMaker maker, Pixels picture, Place place, int size) {
    FloatBuffer out = FloatBuffer.allocate(3 * size * size);
    maker.augment(picture, place, out, 0);
    return out.array();
  }

  @Property(tries = 50, seed = "1")
  void samePlaceGivesTheSameBytes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int side) {
    Pixels picture = random(side, 40, seed);
    Place place = new Place(seed, 1, 2, 3, 0);
    ViewMaker other = new ViewMaker(MOCO, Normalisation.imagenet());
    assertThat(view(views, picture, place, 32)).isEqualTo(view(other, picture, place, 32));
  }

  @Property(tries = 30, seed = "1")
  void theTwoViewsOfAPairDiffer(@ForAll long seed) {
    Pixels picture = random(48, 40, seed);
    assertThat(view(views, picture, new Place(seed, 0, 0, 0, 0), 32))
        .isNotEqualTo(view(views, picture, new Place(seed, 0, 0, 0, 1), 32));
  }

  @Property(tries = 100, seed = "1")
  void everyViewIsFiniteAndWithinTheRangeOfColours(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 90) int width,
      @ForAll @IntRange(min = 1, max = 90) int height) {
    Augmentation all = new Augmentation(33, 0.08, 1, 1, 2, 2, 2, 0.5, 0.1, 1, 0.1, 40, 0.5);
    float[] view = view(new ViewMaker(all, NONE), random(width, height, seed), place(seed), 33);
    for (float value : view) {
      assertThat(value).isBetween(-1e-5f, 1 + 1e-5f);
    }
  }

  @Test
  void viewsDoNotDependOnTheThreadThatMakesThem() throws Exception {
    int n = 64;
    int length = 3 * 32 * 32;
    FloatBuffer one = FloatBuffer.allocate(n * length);
    FloatBuffer many =
        ByteBuffer.allocateDirect(4 * n * length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    Pixels[] pictures = new Pixels[n];
    Arrays.setAll(pictures, i -> random(20 + i, 60 - i / 2, i));
    for (int i = 0; i < n; i++) {
      views.augment(pictures[i], place(i), one, i * length);
    }
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> tasks =
          IntStream.range(0, n)
              .<Callable<Void>>mapToObj(
                  i ->
                      () -> {
                        views.augment(pictures[i], place(i), many, i * length);
                        return null;
                      })
              .toList();
      for (Future<Void> done : pool.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(many).isEqualTo(one);
    assertThat(many.position()).isZero();
  }

  @Property(tries = 300, seed = "1")
  void cropsKeepTheirAreaAndShape(
      @ForAll long seed,
      @ForAll @IntRange(min = 20, max = 500) int width,
      @ForAll @IntRange(min = 20, max = 500) int height) {
    Crop crop = Crop.random(width, height, 0.2, 1, Draw.of(seed, "crop"));
    assertThat(crop.x()).isBetween(0, width - crop.width());
    assertThat(crop.y()).isBetween(0, height - crop.height());
    // Rounding moves a side by half a pixel.
    assertThat((crop.width() - 0.5) / (crop.height() + 0.5)).isLessThanOrEqualTo(4.0 / 3);
    assertThat((crop.width() + 0.5) / (crop.height() - 0.5)).isGreaterThanOrEqualTo(3.0 / 4);
    double largest = (crop.width() + 0.5) * (crop.height() + 0.5) / (width * (double) height);
    boolean fallback = crop.equals(Crop.largest(width, height));
    assertThat(fallback || largest >= 0.2).isTrue();
  }

  @Test
  void theMeanCropAreaIsThatOfTheUniformRange() {
    double mean =
        IntStream.range(0, 4000)
            .mapToObj(i -> Crop.random(400, 300, 0.2, 0.5, Draw.of(5, "crop", i)))
            .mapToDouble(crop -> crop.width() * crop.height() / 120_000.0)
            .average()
            .orElseThrow();
    assertThat(mean).isBetween(0.34, 0.36);
  }

  @Test
  void aPictureTooLongForAnyCropIsCutToTheWidestShapeInItsMiddle() {
    assertThat(Crop.largest(400, 30)).isEqualTo(new Crop(180, 0, 40, 30));
    assertThat(Crop.largest(30, 400)).isEqualTo(new Crop(0, 180, 30, 40));
    assertThat(Crop.largest(30, 33)).isEqualTo(new Crop(0, 0, 30, 33));
    assertThat(Crop.random(1000, 1, 0.9, 1, Draw.of(1, "crop"))).isEqualTo(new Crop(499, 0, 1, 1));
  }

  @Test
  void flippingMirrorsColumnsAndTwiceGivesThePictureBack() {
    Pixels picture = random(16, 16, 3);
    float[] plain = identity(picture, 0);
    float[] once = identity(picture, 1);
    byte[] mirrored = new byte[once.length];
    for (int i = 0; i < once.length; i++) {
      mirrored[3 * (i % 256) + i / 256] = (byte) Math.round(once[i] * 255);
      int x = i % 16;
      assertThat(once[i]).isEqualTo(plain[i - x + 15 - x]);
    }
    assertThat(identity(new Pixels(16, 16, mirrored), 1)).isEqualTo(plain);
  }

  @Test
  void withoutAnyChangeAViewIsThePictureItself() {
    Pixels picture = random(16, 16, 4);
    float[] view = identity(picture, 0);
    for (int i = 0; i < view.length; i++) {
      int byteOfIt = 3 * (i % 256) + i / 256;
      assertThat(view[i] * 255).isCloseTo(picture.rgb()[byteOfIt] & 0xFF, within(1e-4f));
    }
    float[] plain = new float[3 * 16 * 16];
    new ViewMaker(MOCO, NONE).plain(picture, 16, FloatBuffer.wrap(plain), 0);
    assertThat(plain).isEqualTo(view);
  }

  @Test
  void normalisationSubtractsTheMeanAndDividesByTheDeviation() {
    Pixels white = new Pixels(1, 1, new byte[] {-1, -1, -1});
    float[] out = new float[3];
    views.plain(white, 1, FloatBuffer.wrap(out), 0);
    assertThat(out[0]).isCloseTo((1 - 0.485f) / 0.229f, within(1e-5f));
    assertThat(out[1]).isCloseTo((1 - 0.456f) / 0.224f, within(1e-5f));
    assertThat(out[2]).isCloseTo((1 - 0.406f) / 0.225f, within(1e-5f));
  }

  @Test
  void aBufferWithoutRoomIsRefusedInWords() {
    assertThatThrownBy(
            () -> views.augment(random(8, 8, 1), place(0), FloatBuffer.allocate(3072), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a 32×32 view at offset 1 needs a buffer of 3073 floats; found 3072");
  }

  @Test
  void settingsOutOfRangeAreRefusedWithWhatWasExpected() {
    assertThatThrownBy(() -> new Augmentation(32, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0))
        .hasMessage("cropMin is 0.0; expected above 0, at most 1");
    assertThatThrownBy(() -> new Normalisation(new float[3], new float[3]))
        .hasMessageContaining("expected a finite mean and a deviation above 0");
    assertThat(Augmentation.mocoV2(32).blurProbability()).isZero();
    assertThat(Augmentation.mocoV2(64).blurProbability()).isEqualTo(0.5);
  }

  private static float[] identity(Pixels picture, double flip) {
    Augmentation nothing = new Augmentation(16, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, flip);
    Place place =
        IntStream.range(0, 1000)
            .mapToObj(ViewMakerTest::place)
            .filter(ViewMakerTest::whole)
            .findFirst()
            .orElseThrow();
    return view(new ViewMaker(nothing, NONE), picture, place, 16);
  }

  private static boolean whole(Place place) {
    return Crop.random(16, 16, 1, 1, place.draw("crop")).equals(new Crop(0, 0, 16, 16));
  }

  private static Place place(long seed) {
    return new Place(seed, 0, 0, 0, 0);
  }

  private static org.assertj.core.data.Offset<Float> within(float tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  @Test
  void aWholeViewOfThePicturesOwnSizeIsThePictureAndALargerCanvasStaysAsItIs() {
    int width = 5;
    int height = 3;
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (5 * i);
    }
    Pixels picture = new Pixels(width, height, rgb);
    ViewMaker plain =
        new ViewMaker(
            Augmentation.mocoV2(8),
            new Normalisation(new float[] {0, 0, 0}, new float[] {1, 1, 1}));
    int row = width + 2;
    int plane = row * (height + 1);
    for (boolean flip : new boolean[] {false, true}) {
      FloatBuffer canvas = FloatBuffer.allocate(3 * plane);
      for (int i = 0; i < canvas.limit(); i++) {
        canvas.put(i, 9);
      }
      plain.whole(picture, width, height, flip, canvas, 0, row, plane);
      for (int y = 0; y <= height; y++) {
        for (int x = 0; x < width + 2; x++) {
          for (int c = 0; c < 3; c++) {
            boolean inside = x < width && y < height;
            int from = flip ? width - 1 - x : x;
            float wanted = inside ? (rgb[3 * (y * width + from) + c] & 255) / 255f : 9;
            assertThat(canvas.get(c * plane + y * row + x)).isCloseTo(wanted, within(1e-6f));
          }
        }
      }
    }
    assertThatThrownBy(
            () -> plain.whole(picture, width, height, false, FloatBuffer.allocate(44), 0, 5, 15))
        .hasMessageContaining("a 5×3 view at offset 0 needs a buffer of 45 floats; found 44");
  }

  @Test
  void aSquareWholeViewIsThePlainView() {
    byte[] rgb = new byte[3 * 40 * 40];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * i);
    }
    Pixels picture = new Pixels(40, 40, rgb);
    ViewMaker maker = new ViewMaker(Augmentation.mocoV2(16), Normalisation.imagenet());
    FloatBuffer whole = FloatBuffer.allocate(3 * 16 * 16);
    FloatBuffer plain = FloatBuffer.allocate(3 * 16 * 16);
    maker.whole(picture, 16, 16, false, whole, 0, 16, 256);
    maker.plain(picture, 16, plain, 0);
    assertThat(whole.array()).isEqualTo(plain.array());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 300})
  void aPictureOfTheViewsSizeIsNormalisedAsOneThatIsScaledIs(int size) {
    Pixels picture = random(size, size, 7);
    FloatBuffer whole = FloatBuffer.allocate(3 * size * size + 5);
    FloatBuffer plain = FloatBuffer.allocate(3 * size * size + 5);
    views.whole(picture, size, size, false, whole, 5, size, size * size);
    views.plain(picture, size, plain, 5);
    assertThat(plain.array()).isEqualTo(whole.array());
  }

  /** One view as it is, the second solarised, and so any further one. */
  @Test
  void kindsOfViewsGoByTheViewAndSolarisingInvertsBrightPixels() {
    byte[] rgb = new byte[8 * 8 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i % 2 == 0 ? 40 : 200);
    }
    Augmentation plain = new Augmentation(8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0);
    Augmentation inverted = new Augmentation(8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1);
    Normalisation none = new Normalisation(new float[3], new float[] {1, 1, 1});
    ViewMaker maker = new ViewMaker(List.of(plain, inverted), none);
    Pixels picture = new Pixels(8, 8, rgb);
    FloatBuffer out = FloatBuffer.allocate(3 * 192);
    for (int view = 0; view < 3; view++) {
      maker.augment(picture, new Place(1, 0, 0, 0, view), out, view * 192);
    }
    for (int i = 0; i < 192; i++) {
      float was = out.get(i) * 255;
      float expected = was < 128 ? was : 255 - was;
      assertThat(out.get(192 + i) * 255).isCloseTo(expected, within(1e-3f));
      assertThat(out.get(384 + i)).isEqualTo(out.get(192 + i));
    }
    assertThatThrownBy(() -> new ViewMaker(List.of(), none))
        .hasMessageContaining("no kind of view");
  }

  /** A thread's memory is of the size that it made last. */
  @Test
  void viewsOfTwoSizesInTurnAreThoseOfMakersOfOneSize() {
    List<Augmentation> kinds = List.of(Augmentation.mocoV2(16), Augmentation.mocoV2(8));
    ViewMaker both = new ViewMaker(kinds, Normalisation.imagenet());
    Pixels picture = random(40, 40, 7);
    for (int round = 0; round < 2; round++) {
      for (int view = 0; view < 3; view++) {
        int side = both.size(view);
        assertThat(side).isEqualTo(view == 0 ? 16 : 8);
        Place place = new Place(1, 0, 0, 0, view);
        FloatBuffer found = FloatBuffer.allocate(3 * side * side);
        FloatBuffer alone = FloatBuffer.allocate(3 * side * side);
        both.augment(picture, place, found, 0);
        new ViewMaker(kinds.get(Math.min(view, 1)), Normalisation.imagenet())
            .augment(picture, place, alone, 0);
        assertThat(found.array()).isEqualTo(alone.array());
      }
    }
  }

  @Test
  void aPictureIsReducedNoFurtherThanItsMostDemandingViewAllows() {
    Augmentation large = new Augmentation(64, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0);
    Augmentation small = new Augmentation(8, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0);
    ViewMaker maker = new ViewMaker(List.of(large, small), Normalisation.imagenet());
    Place first = new Place(1, 0, 0, 0, 0);
    Place second = new Place(1, 0, 0, 0, 1);
    assertThat(maker.reduction(256, 256, first, second)).isEqualTo(4);
    assertThat(maker.reduction(256, 256, second, first)).isEqualTo(4);
    assertThat(maker.reduction(256, 256, second)).isEqualTo(8);
    assertThat(maker.reduction(100, 256, first, second)).isEqualTo(1);
  }
}
