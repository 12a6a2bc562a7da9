package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FeaturesTest {
  private static final Device CPU = new Device("cpu");
  private static final int SIZE = 8;
  private static final ViewMaker VIEWS =
      new ViewMaker(Augmentation.mocoV2(SIZE), Normalisation.imagenet());

  @TempDir Path folder;

  private EncoderFile encoder;

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  @BeforeEach
  void encoder() {
    encoder =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL), SIZE, Map.of(), CPU);
    encoder.net().initialise(Draw.of(1, "encoder"));
  }

  @AfterEach
  void close() {
    encoder.close();
  }

  /** Pictures of two classes in turn, more than two batches and none a multiple of one. */
  private ImageSet pictures(int n, int... bad) throws IOException {
    for (int i = 0; i < n; i++) {
      Path file = folder.resolve("data/%s/%04d.ppm".formatted(i % 2 == 0 ? "a" : "b", i));
      Files.createDirectories(file.getParent());
      byte[] head = "P6 9 8 255\n".getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = Arrays.copyOf(head, head.length + 3 * 9 * 8);
      for (int at = head.length; at < bytes.length; at++) {
        bytes[at] = (byte) (at * (i + 3));
      }
      Files.write(file, bytes);
    }
    for (int i : bad) {
      Files.writeString(
          folder.resolve("data/%s/%04d.ppm".formatted(i % 2 == 0 ? "a" : "b", i)), "no picture");
    }
    return new Catalogue(null, folder).open(folder.resolve("data").toString()).train();
  }

  private FeatureMatrix features(ImageSet set, int threads, Precision precision) {
    return new Features(SIZE, VIEWS, threads).of(encoder.net(), set, CPU, precision);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void anyNumberOfThreadsGivesTheSameFeatures(Precision precision) throws IOException {
    ImageSet set = pictures(610);
    FeatureMatrix one = features(set, 1, precision);
    assertThat(one.n()).isEqualTo(610);
    for (int threads : new int[] {2, 5}) {
      FeatureMatrix more = features(set, threads, precision);
      assertThat(more.values()).containsExactly(one.values());
      assertThat(more.labels()).containsExactly(one.labels());
    }
  }

  @Test
  void aRowIsThePictureOfItsPlaceWhateverTheBatch() throws IOException {
    ImageSet set = pictures(610);
    FeatureMatrix all = new Features(SIZE, VIEWS, 2).pixels(set);
    int[] some = {0, 249, 250, 499, 500, 609};
    FeatureMatrix alone = new Features(SIZE, VIEWS, 1).pixels(set.subset("some", some));
    assertThat(all.rows(some).values()).containsExactly(alone.values());
    assertThat(all.labels())
        .containsExactly(IntStream.range(0, 610).map(i -> set.image(i).label()).toArray());
  }

  @Test
  void aBadPictureIsLeftOutAndTheOtherRowsStayThoseOfTheirPictures() throws IOException {
    // In the set's order, which is by class: bad ones at both ends of batches and in the middle.
    ImageSet set = pictures(610, 0, 498, 502, 609);
    ImageSet good = set.subset("good", goodOf(set));
    assertThat(good.size()).isEqualTo(606);
    FeatureMatrix found = features(set, 3, Precision.FP32);
    FeatureMatrix expected = features(good, 1, Precision.FP32);
    assertThat(found.n()).isEqualTo(606);
    assertThat(found.labels()).containsExactly(expected.labels());
    assertThat(found.values()).containsExactly(expected.values(), within(1e-5f));
  }

  private static int[] goodOf(ImageSet set) {
    return IntStream.range(0, set.size())
        .filter(
            i -> {
              try {
                return set.image(i).bytes()[0] == 'P';
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            })
        .toArray();
  }

  @Test
  void oneBadPictureOfASmallPartIsLeftOut() throws IOException {
    assertThat(features(pictures(20, 4), 1, Precision.FP32).n()).isEqualTo(19);
  }

  @Test
  void ofAFewPicturesNoneMayBeBad() throws IOException {
    assertThatThrownBy(() -> features(pictures(9, 4), 1, Precision.FP32))
        .hasMessageContaining("1 of the 9 pictures");
  }

  @Test
  void moreThanOneInAHundredBadAreRefusedWithTheListAndTheMend() throws IOException {
    ImageSet set = pictures(199, 4, 7);
    assertThatThrownBy(() -> features(set, 2, Precision.FP32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 of the 199 pictures")
        .hasMessageContaining("a/0004.ppm (")
        .hasMessageContaining("b/0007.ppm (")
        .hasMessageContaining("mend them or take them out");
  }

  @Test
  void aSetWithoutPicturesIsRefused() throws IOException {
    ImageSet none = pictures(2).subset("none");
    assertThatThrownBy(() -> features(none, 1, Precision.FP32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none has no pictures");
  }

  @Test
  void theEncodersTensorsAreTheSameAfterwards() throws IOException {
    ImageSet set = pictures(20);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> before = new HashMap<>();
      encoder.net().state().forEach((name, tensor) -> before.put(name, tensor.clone()));
      features(set, 2, Precision.BF16);
      encoder
          .net()
          .state()
          .forEach((name, tensor) -> assertThat(tensor.equal(before.get(name))).as(name).isTrue());
    }
  }

  @Test
  void nativeMemoryIsFreed() throws IOException {
    ImageSet set = pictures(300);
    features(set, 2, Precision.BF16);
    long before = Pointer.totalCount();
    features(set, 2, Precision.BF16);
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }
}
