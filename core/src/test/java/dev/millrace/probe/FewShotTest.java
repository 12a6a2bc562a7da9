package dev.millrace.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FewShotTest {
  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  private static FewShot.Settings episodes(int ways, int shots, int queries, int episodes) {
    return new FewShot.Settings(ways, shots, queries, episodes, FewShot.Head.PROTOTYPE, 0);
  }

  private interface Value {
    double of(int row, int label, int column);
  }

  private static FeatureMatrix features(int n, int d, int classes, Value value) {
    float[] values = new float[n * d];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < d; j++) {
        values[i * d + j] = (float) value.of(i, labels[i], j);
      }
    }
    return new FeatureMatrix(values, n, d, labels);
  }

  @ParameterizedTest
  @EnumSource
  void classesOnAxesOfTheirOwnAreAlwaysToldApart(FewShot.Head head) {
    FeatureMatrix axes =
        features(140, 7, 7, (i, c, j) -> j == c ? 1 + Draw.of(1, "length", i).uniform() : 0);
    FewShot.Score score = FewShot.score(axes, new FewShot.Settings(5, 5, 15, 20, head, 0));
    assertThat(score.mean()).isEqualTo(100);
    assertThat(score.ci95()).isZero();
  }

  @Test
  void featuresThatSayNothingGiveOneInN() {
    FeatureMatrix noise = features(400, 8, 10, (i, c, j) -> Draw.of(2, "noise", i, j).gaussian());
    FewShot.Score score = FewShot.score(noise, FewShot.Settings.paper(5));
    assertThat(score.mean()).isCloseTo(20, within(3.0));
    // Right or wrong by chance, 75 times an episode: σ is about √(0.2 · 0.8 / 75).
    assertThat(score.ci95())
        .isCloseTo(1.96 * 100 * Math.sqrt(0.2 * 0.8 / 75) / Math.sqrt(600), within(0.15));
  }

  @Test
  void equalFeaturesAllGoToOneClass() {
    FeatureMatrix same = features(80, 3, 4, (i, c, j) -> 1);
    FewShot.Score score = FewShot.score(same, episodes(4, 1, 15, 10));
    assertThat(score.mean()).isEqualTo(25);
    assertThat(score.ci95()).isZero();
  }

  @Test
  void anEpisodeDependsOnTheSeedAndItsNumberAlone() {
    FeatureMatrix noise = features(200, 4, 5, (i, c, j) -> Draw.of(3, "noise", i, j).gaussian());
    double[] ten = FewShot.accuracies(noise, episodes(3, 2, 5, 10));
    double[] twenty = FewShot.accuracies(noise, episodes(3, 2, 5, 20));
    assertThat(Arrays.copyOf(twenty, 10)).containsExactly(ten);
    double[] other =
        FewShot.accuracies(noise, new FewShot.Settings(3, 2, 5, 10, FewShot.Head.PROTOTYPE, 1));
    assertThat(other).isNotEqualTo(ten);
  }

  @Test
  void theLengthOfAFeatureChangesNothing() {
    Value value = (i, c, j) -> Draw.of(4, "noise", i, j).gaussian() + (j == c ? 1 : 0);
    FeatureMatrix some = features(100, 5, 5, value);
    FeatureMatrix longer =
        features(100, 5, 5, (i, c, j) -> value.of(i, c, j) * (1 << i % 4)); // exact in float32
    assertThat(FewShot.accuracies(longer, episodes(5, 5, 15, 30)))
        .containsExactly(FewShot.accuracies(some, episodes(5, 5, 15, 30)));
  }

  @Test
  void moreShotsHelpWhereClassesOverlap() {
    FeatureMatrix some =
        features(
            300, 16, 6, (i, c, j) -> Draw.of(5, "noise", i, j).gaussian() + (j == c ? 2.5 : 0));
    double one = FewShot.score(some, episodes(5, 1, 15, 100)).mean();
    double five = FewShot.score(some, episodes(5, 5, 15, 100)).mean();
    assertThat(one).isBetween(25.0, 75.0);
    assertThat(five).isGreaterThan(one + 10);
  }

  @Test
  void theIntervalIsThatOfTheEpisodes() {
    FewShot.Score score = FewShot.Score.of(new double[] {40, 60, 50, 50});
    assertThat(score.mean()).isEqualTo(50);
    assertThat(score.ci95()).isCloseTo(1.96 * Math.sqrt(200.0 / 3) / 2, within(1e-12));
  }

  @Test
  void aClassWithTooFewPicturesIsNeverDrawn() {
    // Classes 0 to 3 have 20 rows; of class 4, which lies on class 0, there are 19.
    int[] labels = new int[99];
    float[] values = new float[99 * 4];
    for (int i = 0; i < 99; i++) {
      labels[i] = i < 80 ? i % 4 : 4;
      values[i * 4 + labels[i] % 4] = 1;
    }
    FeatureMatrix some = new FeatureMatrix(values, 99, 4, labels);
    assertThat(FewShot.usable(some, episodes(4, 5, 15, 50))).containsExactly(0, 1, 2, 3);
    assertThat(FewShot.score(some, episodes(4, 5, 15, 50)).mean()).isEqualTo(100);
    assertThat(FewShot.usable(some, episodes(4, 4, 15, 50))).containsExactly(0, 1, 2, 3, 4);
    assertThat(FewShot.score(some, episodes(4, 4, 15, 50)).mean()).isLessThan(100);
    assertThatThrownBy(() -> FewShot.score(some, episodes(5, 5, 15, 50)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 4 classes with at least 5 + 15 pictures, expected 5");
  }

  @Test
  void settingsOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> episodes(1, 1, 1, 2)).hasMessageContaining("--ways 1");
    assertThatThrownBy(() -> episodes(2, 0, 1, 2)).hasMessageContaining("--shots 0");
    assertThatThrownBy(() -> episodes(2, 1, 0, 2)).hasMessageContaining("--queries 0");
    assertThatThrownBy(() -> episodes(2, 1, 1, 1)).hasMessageContaining("--episodes 1");
  }
}
