package dev.millrace.vision.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReducedDecodingTest {
  private final ViewMaker maker =
      new ViewMaker(
          new Augmentation(32, 0.2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0.5),
          new Normalisation(new float[3], new float[] {1, 1, 1}));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void aReducedJpegIsTheMeanOfItsSquares(int reduction) throws Exception {
    byte[] jpeg = JpegPictures.gradient(320, 200);
    Pixels whole = Decoder.decode(jpeg);
    Decoded reduced = Decoder.decode(jpeg, Limits.STANDARD, (w, h) -> reduction);
    assertThat(reduced.width()).isEqualTo(320);
    assertThat(reduced.pixels().width()).isEqualTo(320 / reduction);
    for (int y = 0; y < 200 / reduction; y += 5) {
      for (int x = 0; x < 320 / reduction; x += 7) {
        double sum = 0;
        for (int i = 0; i < reduction * reduction; i++) {
          int at = (y * reduction + i / reduction) * 320 + x * reduction + i % reduction;
          sum += whole.rgb()[3 * at] & 0xFF;
        }
        double red = reduced.pixels().rgb()[3 * (y * 320 / reduction + x)] & 0xFF;
        assertThat(red).isCloseTo(sum / (reduction * reduction), within(4.0));
      }
    }
  }

  @Test
  void aTurnedPicturesSizeIsKnownUpright() throws Exception {
    byte[] jpeg = JpegPictures.gradient(320, 200);
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] turned = JpegPictures.turned(jpeg, orientation);
      Decoded decoded = Decoder.decode(turned, Limits.STANDARD, (w, h) -> w > h ? 2 : 4);
      boolean onItsSide = orientation >= 5;
      assertThat(decoded.width())
          .as("orientation %d", orientation)
          .isEqualTo(onItsSide ? 200 : 320);
      assertThat(decoded.reduction()).isEqualTo(onItsSide ? 4 : 2);
      assertThat(decoded.pixels().width()).isEqualTo(decoded.width() / decoded.reduction());
      assertThat(decoded.pixels().height()).isEqualTo(decoded.height() / decoded.reduction());
    }
  }

  @Test
  void aViewOfAReducedPictureIsNearlyTheViewOfTheWhole() throws Exception {
    byte[] jpeg = JpegPictures.gradient(640, 480);
    int reduced = 0;
    for (int i = 0; i < 50; i++) {
      Place place = new Place(7, 0, 0, i, 0);
      Decoded picture =
          Decoder.decode(jpeg, Limits.STANDARD, (w, h) -> maker.reduction(w, h, place));
      reduced += picture.reduction() > 1 ? 1 : 0;
      float[] one = view(picture, place);
      float[] other = view(Decoded.whole(Decoder.decode(jpeg)), place);
      for (int p = 0; p < one.length; p++) {
        assertThat(one[p]).isCloseTo(other[p], within(0.03f));
      }
    }
    assertThat(reduced).isGreaterThan(40);
  }

  @Test
  void theReductionLeavesEveryCropAPixelForEachOfTheViews() {
    for (int i = 0; i < 200; i++) {
      Place[] pair = {new Place(1, 0, 0, i, 0), new Place(1, 0, 0, i, 1)};
      int both = maker.reduction(640, 480, pair);
      assertThat(both)
          .isEqualTo(
              Math.min(maker.reduction(640, 480, pair[0]), maker.reduction(640, 480, pair[1])));
      assertThat(maker.reduction(63, 480, pair)).isEqualTo(1);
    }
  }

  @Test
  void anotherReductionIsRefused() throws Exception {
    byte[] jpeg = JpegPictures.gradient(32, 32);
    assertThatThrownBy(() -> Decoder.decode(jpeg, Limits.STANDARD, (w, h) -> 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reduction is 3; a JPEG decodes at 1, 2, 4 or 8");
  }

  private float[] view(Decoded picture, Place place) {
    float[] view = new float[3 * 32 * 32];
    maker.augment(picture, place, FloatBuffer.wrap(view), 0);
    return view;
  }
}
