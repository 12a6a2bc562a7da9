package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Views;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LumpTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Moment at(int step) {
    return new Moment(1, 0, step, 10, 12);
  }

  @Test
  void eachViewIsMixedWithTheSameViewOfARememberedPictureByOneWeightPerBatch() {
    Lump lump = new Lump(Lump.Settings.of(0.4), 7);
    try (PointerScope scope = new PointerScope()) {
      Tensor x1 = torch.randn(3, 3, 4, 4);
      Tensor x2 = torch.randn(3, 3, 4, 4);
      Tensor b1 = torch.randn(3, 3, 4, 4);
      Tensor b2 = torch.randn(3, 3, 4, 4);
      Views mixed =
          lump.mix(
              new Views(List.of(x1, x2), null),
              Optional.of(new Views(List.of(b1, b2), null)),
              at(2));
      double lambda = Lump.beta(Draw.of(7, "lump", 1, 2), 0.4);
      assertThat(lambda).isBetween(0.0, 1.0);
      for (int v = 0; v < 2; v++) {
        Tensor x = v == 0 ? x1 : x2;
        Tensor b = v == 0 ? b1 : b2;
        Tensor expected = x.mul(new Scalar(lambda)).add(b.mul(new Scalar(1 - lambda)));
        assertThat(mixed.view(v).sub(expected).abs().max().item_double()).isLessThan(1e-6);
      }
      assertThat(mixed.pictures()).isNull();
    }
  }

  @Test
  void aMixedViewCountsAsThePictureOfWhichItHasMore() {
    try (PointerScope scope = new PointerScope()) {
      Tensor ofBatch = torch.ones(3, 2);
      Tensor remembered = torch.zeros(3, 2);
      Views now = new Views(List.of(torch.randn(3, 3, 4, 4)), null, ofBatch);
      Views old = new Views(List.of(torch.randn(3, 3, 4, 4)), null, remembered);
      int nearer = 0;
      for (int step = 0; step < 20; step++) {
        double lambda = Lump.beta(Draw.of(7, "lump", 1, step), 0.4);
        nearer += lambda < 0.5 ? 1 : 0;
        Views mixed = new Lump(Lump.Settings.of(0.4), 7).mix(now, Optional.of(old), at(step));
        assertThat(mixed.pictures()).isSameAs(lambda < 0.5 ? remembered : ofBatch);
        Lump before = new Lump(Lump.Settings.of(0.4).picture(Lump.Picture.BATCH), 7);
        assertThat(before.mix(now, Optional.of(old), at(step)).pictures()).isSameAs(ofBatch);
      }
      assertThat(nearer).isBetween(1, 19);
    }
  }

  @Test
  void everyStepDrawsItsOwnWeightAndTheSameOneAgain() {
    assertThat(
            IntStream.range(0, 50)
                .mapToDouble(step -> Lump.beta(Draw.of(7, "lump", 1, step), 0.4))
                .distinct()
                .count())
        .isEqualTo(50);
    assertThat(Lump.beta(Draw.of(7, "lump", 1, 3), 0.4))
        .isEqualTo(Lump.beta(Draw.of(7, "lump", 1, 3), 0.4));
  }

  @Test
  void withoutRememberedPicturesABatchStaysAsItIs() {
    try (PointerScope scope = new PointerScope()) {
      Views now = new Views(List.of(torch.randn(2, 3, 4, 4)), null);
      assertThat(new Lump(Lump.Settings.of(0.4), 7).mix(now, Optional.empty(), at(0)))
          .isSameAs(now);
    }
  }

  /** Beta(α, α) has the mean 1/2 and the variance 1/(4(2α + 1)). */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.4, 1, 2})
  void weightsHaveTheMomentsOfTheBetaDistribution(double alpha) {
    double[] drawn =
        IntStream.range(0, 40_000)
            .mapToDouble(step -> Lump.beta(Draw.of(1, "lump", 0, step), alpha))
            .toArray();
    double mean = IntStream.range(0, drawn.length).mapToDouble(i -> drawn[i]).average().orElse(0);
    double variance =
        IntStream.range(0, drawn.length)
            .mapToDouble(i -> (drawn[i] - 0.5) * (drawn[i] - 0.5))
            .average()
            .orElse(0);
    assertThat(mean).isCloseTo(0.5, within(0.01));
    assertThat(variance).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.004));
  }
}
