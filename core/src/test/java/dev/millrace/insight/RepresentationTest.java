package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RepresentationTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Tensor gaussian(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, "features", i).gaussian();
    }
    return torch.from_blob(new FloatPointer(values), rows, columns).clone();
  }

  /** The corners ±1 of each axis: mean 0, the axes in equal use. */
  private static Tensor cross(int d) {
    Tensor eye = torch.eye(d);
    return torch.cat(new TensorVector(eye, eye.neg()));
  }

  @Test
  void equallyUsedAxesAreAsManyRanksAndAShiftIsNone() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(Representation.effectiveRank(cross(5))).isCloseTo(5, within(1e-9));
      assertThat(Representation.effectiveRank(cross(5).add(new Scalar(100))))
          .isCloseTo(5, within(1e-6));
      assertThat(Representation.effectiveRank(cross(5).mul(new Scalar(1e-3))))
          .isCloseTo(5, within(1e-9));
    }
  }

  @Test
  void unequalAxesHaveTheRankOfTheirEntropy() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = cross(2);
      x.select(1, 1).mul_(new Scalar(3.0)); // singular values in shares ¼ and ¾
      double entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
      assertThat(Representation.effectiveRank(x)).isCloseTo(Math.exp(entropy), within(1e-9));
    }
  }

  @Test
  void aLineHasRankOneAndAPointNone() {
    try (PointerScope scope = new PointerScope()) {
      Tensor line = gaussian(30, 1).matmul(gaussian(1, 8));
      assertThat(Representation.effectiveRank(line)).isCloseTo(1, within(1e-4));
      assertThat(Representation.effectiveRank(torch.ones(30, 8).mul(new Scalar(0.3)))).isZero();
      assertThat(Representation.effectiveRank(torch.zeros(30, 8))).isZero();
    }
  }

  @Test
  void viewsAlignAsFarAsTheyAreApart() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = gaussian(20, 6);
      assertThat(Representation.alignment(x, x.mul(new Scalar(7.0)))).isCloseTo(0, within(1e-9));
      assertThat(Representation.alignment(x, x.neg())).isCloseTo(4, within(1e-9));
      Tensor eye = torch.eye(4);
      assertThat(Representation.alignment(eye, eye.roll(new long[] {1}, new long[] {0})))
          .isCloseTo(2, within(1e-9));
    }
  }

  @Test
  void uniformityIsTheMeanPotentialOfAllPairs() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(Representation.uniformity(torch.ones(6, 3))).isCloseTo(0, within(1e-9));
      // Orthogonal unit vectors are √2 apart, opposite ones 2.
      assertThat(Representation.uniformity(torch.eye(5))).isCloseTo(-4, within(1e-9));
      assertThat(Representation.uniformity(cross(1))).isCloseTo(-8, within(1e-9));
      double two = Math.log((4 * Math.exp(-4) + 2 * Math.exp(-8)) / 6);
      assertThat(Representation.uniformity(cross(2))).isCloseTo(two, within(1e-9));
    }
  }

  @Test
  void theVarianceIsWhatTheMeanLeaves() {
    try (PointerScope scope = new PointerScope()) {
      assertThat(Representation.variance(cross(3))).isCloseTo(1, within(1e-9));
      assertThat(Representation.variance(torch.ones(4, 3))).isCloseTo(0, within(1e-12));
      assertThat(Representation.variance(torch.eye(4))).isCloseTo(0.75, within(1e-9));
    }
  }
}
