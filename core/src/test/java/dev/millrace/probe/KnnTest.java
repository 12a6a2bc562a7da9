package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KnnTest {
  private static final Knn.Settings FEW = new Knn.Settings(15, 0.1);

  @BeforeAll
  static void natives() {
    Loader.load(torch.class);
  }

  @Test
  void votesAgreeWithNumpy() throws Exception {
    Golden golden = Golden.read();
    for (var knn : golden.root().get("knn")) {
      var settings = new Knn.Settings(knn.get("k").asInt(), knn.get("temperature").asDouble());
      assertThat(Knn.predict(golden.train(), golden.test(), settings))
          .containsExactly(Golden.ints(knn.get("predictions")));
    }
  }

  @Test
  void scalingARowChangesNothing() throws Exception {
    Golden golden = Golden.read();
    FeatureMatrix train = golden.train();
    float[] scaled = train.values().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (float) Draw.of(1, "scale", i / train.d()).uniform(0.01, 50);
    }
    var other = new FeatureMatrix(scaled, train.n(), train.d(), train.labels());
    assertThat(Knn.predict(other, golden.test(), FEW))
        .containsExactly(Knn.predict(train, golden.test(), FEW));
  }

  @Test
  void permutingTheTrainingRowsChangesNothing() throws Exception {
    Golden golden = Golden.read();
    int[] order = Draw.of(3, "order").permutation(golden.train().n());
    assertThat(Knn.predict(golden.train().rows(order), golden.test(), FEW))
        .containsExactly(Knn.predict(golden.train(), golden.test(), FEW));
  }

  @Test
  void theNearestNeighbourOfATrainingRowIsItself() throws Exception {
    FeatureMatrix train = Golden.read().train();
    Accuracy accuracy = Knn.accuracy(train, train, new Knn.Settings(1, 0.1));
    assertThat(accuracy.top1()).isEqualTo(100);
    assertThat(accuracy.meanPerClass()).isEqualTo(100);
  }

  @Test
  void theMeanPerClassWeighsEveryClassAlike() {
    Accuracy accuracy = Accuracy.of(new int[] {0, 0, 0, 0}, new int[] {0, 0, 0, 2});
    assertThat(accuracy.top1()).isEqualTo(75);
    assertThat(accuracy.meanPerClass()).isEqualTo(50);
    assertThat(accuracy.top1Chance()).isEqualTo(75);
    assertThat(accuracy.meanPerClassChance()).isEqualTo(50);
  }

  @Test
  void theErrorIsWilsonsAndNeverZero() {
    int[] right = new int[36];
    assertThat(Accuracy.of(right, right).top1Error()).isCloseTo(4.82, within(0.01));
    int[] guesses = new int[60];
    int[] half = new int[60];
    java.util.Arrays.fill(half, 30, 60, 1);
    assertThat(Accuracy.of(guesses, half).top1Error()).isCloseTo(12.27, within(0.01));
    assertThat(Accuracy.of(guesses, half).meanPerClassError()).isBetween(4.0, 12.27);
    assertThat(Accuracy.of(guesses, half).judged()).isEqualTo(60);
  }

  @Test
  void noMoreVoteThanAClassHasUnlessANumberIsGiven() {
    Knn.Neighbours auto = Knn.Neighbours.paper();
    assertThat(auto.of(20_000, 10)).isEqualTo(Knn.Settings.paper());
    assertThat(auto.of(600, 10)).isEqualTo(new Knn.Settings(60, 0.1));
    assertThat(auto.of(144, 10)).isEqualTo(new Knn.Settings(14, 0.1));
    assertThat(auto.of(3, 10)).isEqualTo(new Knn.Settings(1, 0.1));
    assertThat(new Knn.Neighbours(200, 0.1).of(600, 10)).isEqualTo(Knn.Settings.paper());
    assertThatThrownBy(() -> new Knn.Neighbours(-1, 0.1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTinyTemperatureStaysFinite() throws Exception {
    Golden golden = Golden.read();
    assertThat(Knn.predict(golden.train(), golden.test(), new Knn.Settings(9, 1e-6)))
        .containsExactly(Knn.predict(golden.train(), golden.test(), new Knn.Settings(1, 1)));
  }

  @Test
  void badFeaturesAreRefused() {
    assertThatThrownBy(() -> new FeatureMatrix(new float[] {Float.NaN}, 1, 1, new int[1]))
        .hasMessageContaining("finite");
    assertThatThrownBy(() -> new FeatureMatrix(new float[3], 1, 2, new int[1]))
        .hasMessageContaining("expected 1 × 2");
    var empty = new FeatureMatrix(new float[0], 0, 2, new int[0]);
    assertThatThrownBy(() -> Knn.predict(empty, empty, FEW)).hasMessageContaining("training");
  }

  @Test
  void aTensorRoundTripKeepsTheValues() throws Exception {
    FeatureMatrix train = Golden.read().train();
    try (var tensor = train.tensor()) {
      assertThat(FeatureMatrix.of(tensor, train.labels()).values()).containsExactly(train.values());
    }
  }

  @Test
  void nativeMemoryStaysFlat() throws Exception {
    Golden golden = Golden.read();
    Knn.predict(golden.train(), golden.test(), FEW);
    long before = Pointer.totalCount();
    for (int i = 0; i < 5; i++) {
      Knn.predict(golden.train(), golden.test(), FEW);
    }
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }
}
