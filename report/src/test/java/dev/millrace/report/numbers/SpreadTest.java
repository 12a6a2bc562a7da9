package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void meanAndDeviationAreTheClosedForms() {
    Spread spread = Spread.of(List.of(1.0, 2.0, 3.0, 4.0));
    assertThat(spread.n()).isEqualTo(4);
    assertThat(spread.mean()).isEqualTo(2.5);
    assertThat(spread.deviation()).isCloseTo(Math.sqrt(5.0 / 3), within(1e-12));
    assertThat(spread.error()).isCloseTo(Math.sqrt(5.0 / 12), within(1e-12));
  }

  @Test
  void twoNumbersDeviateByTheirDistanceOverTheRootOfTwo() {
    assertThat(Spread.of(List.of(10.0, 13.0)).deviation())
        .isCloseTo(3 / Math.sqrt(2), within(1e-12));
  }

  @Test
  void oneNumberHasNoDeviationAndNoneHasNoMean() {
    assertThat(Spread.of(List.of(7.0)).mean()).isEqualTo(7);
    assertThat(Spread.of(List.of(7.0)).deviation()).isNaN();
    assertThat(Spread.of(List.of()).mean()).isNaN();
    assertThat(Spread.of(List.of()).measured()).isFalse();
  }

  @Test
  void whatIsMissingOrNotFiniteDoesNotCount() {
    assertThat(Spread.of(Arrays.asList(null, 1.0, Double.NaN, 3.0, Double.POSITIVE_INFINITY)))
        .isEqualTo(Spread.of(List.of(1.0, 3.0)));
  }

  @Test
  void overSeveralComparisonsItHoldsOnlyIfItHeldInAllThatWereMeasured() {
    assertThat(Verdict.over(List.of(Verdict.HELD, Verdict.NOT_MEASURED))).isEqualTo(Verdict.HELD);
    assertThat(Verdict.over(List.of(Verdict.HELD, Verdict.DID_NOT_HOLD)))
        .isEqualTo(Verdict.IN_PART);
    assertThat(Verdict.over(List.of(Verdict.HELD, Verdict.UNDECIDED)))
        .isEqualTo(Verdict.WHERE_DECIDED);
    assertThat(Verdict.over(List.of(Verdict.HELD, Verdict.UNDECIDED, Verdict.DID_NOT_HOLD)))
        .isEqualTo(Verdict.IN_PART);
    assertThat(Verdict.over(List.of(Verdict.UNDECIDED, Verdict.DID_NOT_HOLD)))
        .isEqualTo(Verdict.DID_NOT_HOLD);
    assertThat(Verdict.over(List.of(Verdict.UNDECIDED))).isEqualTo(Verdict.UNDECIDED);
    assertThat(Verdict.over(List.of())).isEqualTo(Verdict.NOT_MEASURED);
  }
}
