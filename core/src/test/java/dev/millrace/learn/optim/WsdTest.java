package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WsdTest {
  @Test
  void theTrunkRisesOnceAndStaysWhileTheBranchFallsInALine() {
    Wsd wsd = new Wsd(0.8, 4, 20, 5);
    assertThat(wsd.fork()).isEqualTo(15);
    assertThat(wsd.trunk().at(0)).isCloseTo(0.2, within(1e-15));
    for (int step = 3; step < 20; step++) {
      assertThat(wsd.trunk().at(step)).isEqualTo(0.8);
      assertThat(wsd.trunk().share(step)).isZero();
    }
    for (int step = 15; step < 20; step++) {
      assertThat(wsd.branch().at(step)).isCloseTo(0.8 * (20 - step) / 5, within(1e-15));
      assertThat(wsd.branch().share(step)).isCloseTo((step - 15) / 5.0, within(1e-15));
    }
  }

  @Test
  void aBranchThatBeginsWithinTheWarmUpDecaysWhatTheTrunkHas() {
    Wsd wsd = new Wsd(1, 4, 4, 4);
    assertThat(new double[] {0.25, 0.5 * 0.75, 0.75 * 0.5, 0.25})
        .containsExactly(
            wsd.branch().at(0), wsd.branch().at(1), wsd.branch().at(2), wsd.branch().at(3));
  }

  @Test
  void whatDoesNotFitTheChunkIsRefused() {
    assertThatThrownBy(() -> new Wsd(0, 0, 4, 1)).hasMessageContaining("--lr 0.0");
    assertThatThrownBy(() -> new Wsd(0.1, 0, 4, 5))
        .hasMessageContaining("a decay of 5 steps do not fit a chunk of 4");
  }
}
