package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.DataSet;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FineTuningTest {
  private static final Device CPU = new Device("cpu");
  private static final int SIZE = 16;

  private EncoderFile encoder;
  private DataSet set;

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  @BeforeEach
  void open() throws IOException {
    encoder =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL), SIZE, Map.of(), CPU);
    encoder.net().initialise(Draw.of(1, "encoder"));
    set = new Catalogue(null, null).open("generated:images=96;test=64;classes=3;size=16");
  }

  @AfterEach
  void close() {
    encoder.close();
  }

  private static FineTuning.Settings epochs(int epochs, long seed) {
    return new FineTuning.Settings(epochs, 16, 0.05, 5e-4, 0.5, seed);
  }

  private FineTuning tuning(FineTuning.Settings settings) {
    return new FineTuning(settings, encoder.net(), 3, SIZE, CPU, Precision.FP32);
  }

  private static double accuracy(FineTuning tuning, ImageSet set) {
    Features features =
        new Features(SIZE, new ViewMaker(Augmentation.mocoV2(SIZE), Normalisation.imagenet()), 1);
    return tuning.head().accuracy(features.of(tuning.encoder(), set, CPU, Precision.FP32)).top1();
  }

  private float[] weights(FineTuning.Settings settings, int threads) {
    try (FineTuning tuning = tuning(settings)) {
      tuning.train(set.train(), threads);
      return tuning.head().weights();
    }
  }

  private Map<String, float[]> state() {
    try (PointerScope scope = new PointerScope()) {
      Map<String, float[]> all = new java.util.TreeMap<>();
      encoder
          .net()
          .state()
          .forEach(
              (name, tensor) -> {
                if (!name.endsWith("num_batches_tracked")) {
                  float[] values = new float[(int) tensor.numel()];
                  tensor.detach().contiguous().data_ptr_float().get(values);
                  all.put(name, values);
                }
              });
      return all;
    }
  }

  @Test
  void trainingLearnsThePicturesAndLeavesTheEncoderItBeganWith() {
    Map<String, float[]> before = state();
    try (FineTuning tuning = tuning(epochs(12, 0))) {
      double loss = tuning.train(set.train(), 1);
      assertThat(loss).isLessThan(0.6 * Math.log(3)); // where a head of zeros begins
      assertThat(accuracy(tuning, set.train())).isGreaterThan(75);
      assertThat(accuracy(tuning, set.test())).isGreaterThan(55);
    }
    Map<String, float[]> after = state();
    before.forEach((name, values) -> assertThat(after.get(name)).containsExactly(values));
  }

  @Test
  void theHeadBeginsAtZero() {
    try (FineTuning tuning = tuning(epochs(1, 0))) {
      assertThat(tuning.head().weights()).containsOnly(0f).hasSize(3 * 32);
      assertThat(tuning.head().bias()).containsOnly(0f).hasSize(3);
    }
  }

  @Test
  void theSameSeedGivesTheSameBitsWhateverTheNumberOfViewMakers() {
    float[] once = weights(epochs(2, 0), 1);
    assertThat(weights(epochs(2, 0), 3)).containsExactly(once);
    assertThat(weights(epochs(2, 1), 1)).isNotEqualTo(once);
  }

  @Test
  void trainingFreesItsNativeMemory() {
    weights(epochs(1, 0), 1);
    long before = Pointer.totalCount();
    weights(epochs(1, 0), 1);
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  @Test
  void whatCannotTrainIsRefused() {
    assertThatThrownBy(() -> new FineTuning.Settings(0, 16, 0.1, 0, 0.5, 0))
        .hasMessageContaining("--epochs 0");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 1, 0.1, 0, 0.5, 0))
        .hasMessageContaining("--batch 1");
    assertThatThrownBy(() -> new FineTuning.Settings(1, 2, 0, 0, 0.5, 0))
        .hasMessageContaining("--lr 0");
    assertThatThrownBy(
            () -> new FineTuning(epochs(1, 0), encoder.net(), 1, SIZE, CPU, Precision.FP32))
        .hasMessageContaining("found 1 class, expected 2 or more");
    try (FineTuning tuning = tuning(epochs(1, 0))) {
      assertThatThrownBy(() -> tuning.train(set.train().subset("one", 0), 1))
          .hasMessageContaining("found 1 picture of one to train on");
    }
    try (FineTuning tuning = tuning(new FineTuning.Settings(4, 16, 1e30, 0, 0.5, 0))) {
      assertThatThrownBy(() -> tuning.train(set.train(), 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("diverged at step");
    }
  }
}
