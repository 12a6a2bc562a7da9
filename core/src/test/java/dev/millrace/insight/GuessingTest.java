package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GuessingTest {
  private static final double GUESS = Math.log(32);

  private static List<Double> losses(DoubleStream shares) {
    return shares.map(share -> share * GUESS).boxed().toList();
  }

  @Test
  void aLossThatStaysWhereOneWhoGuessesIsHasCollapsedToAllPrototypesAlike() {
    List<Double> losses = losses(IntStream.range(0, 14).mapToDouble(i -> i < 4 ? 1.2 : 0.995));
    assertThat(Collapse.ofLoss(losses, GUESS))
        .hasValueSatisfying(
            found -> {
              assertThat(found.kind()).isEqualTo(Collapse.Kind.ALL_PROTOTYPES);
              assertThat(found.words())
                  .isEqualTo(
                      "to all prototypes alike: for 10 epochs the loss has been within 1 % of guessing, 3.448 where that is 3.466");
            });
    assertThat(Collapse.ofLoss(losses.subList(0, 13), GUESS)).as("an epoch less").isEmpty();
  }

  @Test
  void aLossThatPassesByWhereOneWhoGuessesIsHasNot() {
    // As SwAV goes with a small epsilon: 0.3 % an epoch.
    assertThat(
            Collapse.ofLoss(
                losses(IntStream.range(0, 12).mapToDouble(i -> 1.012 - 0.003 * i)), GUESS))
        .isEmpty();
    assertThat(Collapse.ofLoss(losses(DoubleStream.generate(() -> 0.95).limit(20)), GUESS))
        .isEmpty();
  }

  @Test
  void whereNoGuessIsKnownNothingIsSaid() {
    assertThat(Collapse.ofLoss(losses(DoubleStream.generate(() -> 1).limit(20)), Double.NaN))
        .isEmpty();
  }
}
