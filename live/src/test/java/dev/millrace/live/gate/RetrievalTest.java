package dev.millrace.live.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.draw.Draw;
import dev.millrace.probe.FeatureMatrix;
import org.junit.jupiter.api.Test;

class RetrievalTest {
  private static final int N = 400;
  private static final int D = 16;

  /** Two views of drawn pictures, apart by so much noise. */
  private static Retrieval views(double noise, long seed) {
    float[] one = new float[N * D];
    float[] other = new float[N * D];
    for (int i = 0; i < N * D; i++) {
      double picture = Draw.of(seed, "picture", i).gaussian();
      one[i] = (float) (picture + noise * Draw.of(seed, "one", i).gaussian());
      other[i] = (float) (picture + noise * Draw.of(seed, "other", i).gaussian());
    }
    return Retrieval.of(matrix(one), matrix(other));
  }

  private static FeatureMatrix matrix(float[] values) {
    return new FeatureMatrix(values, N, D, new int[N]).normalised();
  }

  private static double share(Retrieval views, int others) {
    return LabelledJudge.share(views.among(others));
  }

  @Test
  void whoSeesNothingFindsByChanceAndWhoSeesAllFindsAll() {
    assertThat(share(views(1e4, 1), 4)).isBetween(0.1, 0.3);
    assertThat(share(views(0.01, 1), N - 1)).isEqualTo(1);
  }

  @Test
  void theMoreOthersTheFewerAreFound() {
    Retrieval views = views(1, 2);
    assertThat(share(views, 4)).isGreaterThan(share(views, 32));
    assertThat(share(views, 32)).isGreaterThan(share(views, N - 1));
  }

  @Test
  void theNumberOfOthersLetsTwoEncodersFindHalfWhicheverIsTheBetter() {
    Retrieval weak = views(1.4, 3);
    Retrieval strong = views(1, 3);
    int others = Retrieval.others(weak, strong);
    assertThat(others).isEqualTo(Retrieval.others(strong, weak)).isBetween(4, N - 2);
    assertThat(share(weak, others) + share(strong, others)).isGreaterThanOrEqualTo(1);
    assertThat(share(weak, 2 * others + 1) + share(strong, 2 * others + 1)).isLessThan(1);
    assertThat(Retrieval.others(views(0.01, 3), views(0.01, 4))).isEqualTo(N - 1);
  }
}
