package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimTest {
  private static Claim claim(Claim.Evidence... evidence) {
    return new Claim(1, "statement", "rule", "points", 0, List.of(evidence));
  }

  private static Claim.Evidence one(Verdict verdict) {
    return new Claim.Evidence("here", verdict, "numbers", true, List.of());
  }

  @Test
  void theTallyCountsEveryComparisonOnceAndTheBestFirst() {
    Claim claim = claim(one(Verdict.UNDECIDED), one(Verdict.HELD), one(Verdict.UNDECIDED));
    assertThat(claim.tally()).isEqualTo("held in 1 of 3, not decided in 2");
    assertThat(claim.verdict()).isEqualTo(Verdict.WHERE_DECIDED);
  }

  @Test
  void comparisonsThatAllCameOutAlikeAreCountedInAWordAndArithmeticNotAtAll() {
    assertThat(claim(one(Verdict.HELD), one(Verdict.HELD)).tally()).isEqualTo("2 of 2 comparisons");
    assertThat(claim(one(Verdict.ARITHMETIC), one(Verdict.ARITHMETIC)).tally()).isEmpty();
  }

  @Test
  void whatStandsThereForComparisonAloneDecidesNothing() {
    Claim claim =
        claim(
            one(Verdict.HELD),
            new Claim.Evidence("beside", Verdict.DID_NOT_HOLD, "numbers", false, List.of()));
    assertThat(claim.verdict()).isEqualTo(Verdict.HELD);
    assertThat(claim.tally()).isEmpty();
  }

  @Test
  void aGapIsSaidWithItsSide() {
    assertThat(Wording.besideJoint(new Spread(2, -5.04, 3.41)))
        .isEqualTo("5.0 ± 30.6 points below joint training");
    assertThat(Wording.besideJoint(new Spread(1, 1.7, Double.NaN)))
        .isEqualTo("1.7 points above joint training");
  }
}
