package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ForgettingTest {
  private static final double MISSING = Double.NaN;

  @Test
  void threeChunksGiveTheSumsDoneByHand() {
    double[][] accuracy = {{80, 30, 20}, {60, 70, 25}, {50, 40, 90}};
    Forgetting sums = Forgetting.of(accuracy, new double[] {10, 20, 30});
    assertThat(sums.averageAccuracy()).isCloseTo(60, within(1e-9));
    assertThat(sums.forgetting()).isCloseTo((80 - 50 + 70 - 40) / 2.0, within(1e-9));
    assertThat(sums.backwardTransfer()).isCloseTo((50 - 80 + 40 - 70) / 2.0, within(1e-9));
    assertThat(sums.forwardTransfer()).isCloseTo((30 - 20 + 25 - 30) / 2.0, within(1e-9));
  }

  @Test
  void theBestEarlierEncoderCountsEvenIfItHadNotSeenThePart() {
    double[][] accuracy = {{80, 75, 0}, {60, 70, 0}, {80, 70, 90}};
    assertThat(Forgetting.of(accuracy, null).forgetting()).isCloseTo(2.5, within(1e-9));
    assertThat(Forgetting.of(accuracy, null).backwardTransfer()).isCloseTo(0, within(1e-9));
  }

  @Test
  void whatOnlyGetsBetterForgetsLessThanNothing() {
    double[][] accuracy = {{10, 10}, {30, 40}};
    Forgetting sums = Forgetting.of(accuracy, null);
    assertThat(sums.forgetting()).isEqualTo(-20);
    assertThat(sums.backwardTransfer()).isEqualTo(20);
    assertThat(sums.forwardTransfer()).isNaN();
  }

  @Test
  void whatWasNotMeasuredAheadIsNotNeeded() {
    double[][] accuracy = {{80, MISSING}, {50, 40}};
    Forgetting sums = Forgetting.of(accuracy, new double[] {10, 10});
    assertThat(sums.forgetting()).isEqualTo(30);
    assertThat(sums.forwardTransfer()).isNaN();
  }

  @Test
  void oneChunkAGapAndAnotherShapeAreRefused() {
    assertThatThrownBy(() -> Forgetting.of(new double[][] {{1}}, null))
        .hasMessageContaining("one chunk forgets nothing");
    assertThatThrownBy(() -> Forgetting.of(new double[][] {{1, 2}, {MISSING, 3}}, null))
        .hasMessageContaining("is missing");
    assertThatThrownBy(() -> Forgetting.of(new double[][] {{1, 2}, {3}}, null))
        .hasMessageContaining("a row of 1");
    assertThatThrownBy(() -> Forgetting.of(new double[][] {{1, 2}, {3, 4}}, new double[] {1}))
        .hasMessageContaining("a row of 1");
  }
}
