package dev.millrace.live.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.live.encoder.Verdict;
import org.junit.jupiter.api.Test;

class NonInferiorityTest {
  private static final double MARGIN = 0.05;

  @Test
  void quantilesAreThoseOfTheTables() {
    assertThat(Normal.quantile(0.95)).isCloseTo(1.6448536270, within(1e-9));
    assertThat(Normal.quantile(0.975)).isCloseTo(1.9599639845, within(1e-9));
    assertThat(Normal.cumulative(-1)).isCloseTo(0.1586552539, within(1e-9));
  }

  @Test
  void theBoundIsWhereTheScoreMeetsTheQuantile() {
    NonInferiority test = new NonInferiority(9, 16, 200, MARGIN, 0.95);
    assertThat(new NonInferiority(9, 16, 200, -test.bound() + 1e-6, 0.95).holds()).isTrue();
    assertThat(new NonInferiority(9, 16, 200, -test.bound() - 1e-6, 0.95).holds()).isFalse();
  }

  @Test
  void equalEncodersPassFromTheLeastNumberOfPicturesOn() {
    int least = NonInferiority.least(MARGIN, 0.95);
    assertThat(new NonInferiority(0, 0, least, MARGIN, 0.95).holds()).isTrue();
    assertThat(new NonInferiority(0, 0, least - 1, MARGIN, 0.95).holds()).isFalse();
  }

  /** The level at the border of the hypothesis, where it is largest. */
  @Test
  void aLossOfTheMarginPassesNoMoreOftenThanTheConfidenceAllows() {
    int passes = 0;
    int histories = 2000;
    for (int h = 0; h < histories; h++) {
      int gained = 0;
      int lost = 0;
      for (int i = 0; i < 300; i++) {
        double u = Draw.of(h, "paired", i).uniform();
        gained += u < 0.05 ? 1 : 0;
        lost += u > 1 - 0.05 - MARGIN ? 1 : 0;
      }
      passes += new NonInferiority(gained, lost, 300, MARGIN, 0.95).holds() ? 1 : 0;
    }
    assertThat(passes / (double) histories).isBetween(0.03, 0.065);
  }

  @Test
  void moreLossesNeverRaiseTheBound() {
    double bound = 1;
    for (int lost = 0; lost < 60; lost++) {
      double next = new NonInferiority(10, lost, 100, MARGIN, 0.95).bound();
      assertThat(next).isLessThan(bound);
      bound = next;
    }
  }

  private static Verdict verdict(int gained, int lost, int pictures) {
    return new NonInferiority(gained, lost, pictures, MARGIN, 0.95).verdict();
  }

  @Test
  void withTooFewPicturesNothingIsDecidedUnlessTheLossIsPlain() {
    assertThat(verdict(0, 0, 40)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(3, 3, 64)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(0, 4, 40)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(0, 8, 40)).isEqualTo(Verdict.FAIL);
    assertThat(verdict(0, 0, 60)).isEqualTo(Verdict.PASS);
  }

  @Test
  void withEnoughPicturesWhatIsNotShownToPassFails() {
    assertThat(verdict(20, 26, 460)).isEqualTo(Verdict.PASS);
    assertThat(verdict(16, 30, 460)).isEqualTo(Verdict.FAIL);
    assertThat(new NonInferiority(23, 23, 460, MARGIN, 0.95).enough()).isBetween(240, 260);
  }

  @Test
  void theChanceOfALossIsTheBinomialsTail() {
    assertThat(new NonInferiority(1, 7, 40, MARGIN, 0.95).lossByChance())
        .isCloseTo(9 / 256.0, within(1e-12));
    assertThat(new NonInferiority(2000, 2000, 9000, MARGIN, 0.95).lossByChance())
        .isCloseTo(0.5, within(0.01));
  }

  /** What an equally good encoder meets, at the numbers that are called enough. */
  @Test
  void anEqualEncoderIsSeldomHeldHoweverManyPicturesThereAre() {
    for (int pictures : new int[] {16, 64, 256, 600}) {
      int failed = 0;
      for (int h = 0; h < 1000; h++) {
        int gained = 0;
        int lost = 0;
        for (int i = 0; i < pictures; i++) {
          double u = Draw.of(h, "equal", i).uniform();
          gained += u < 0.1 ? 1 : 0;
          lost += u > 0.9 ? 1 : 0;
        }
        failed += verdict(gained, lost, pictures) == Verdict.FAIL ? 1 : 0;
      }
      assertThat(failed / 1000.0).as("of " + pictures).isLessThan(0.25);
    }
  }

  @Test
  void whatIsNoShareIsRefused() {
    assertThatThrownBy(() -> new NonInferiority(0, 0, 10, 0, 0.95))
        .hasMessageContaining("margin 0.0 is no share");
    assertThatThrownBy(() -> new NonInferiority(0, 0, 10, MARGIN, 0.4))
        .hasMessageContaining("confidence 0.4");
  }
}
