package dev.millrace.report.numbers;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * What a comparison can tell, whatever it found: from its seeds, from how far seeds lie apart, and
 * from how many comparisons are judged with it. Computed for the first step of Holm's correction,
 * the hardest; what is found elsewhere in the family makes it easier.
 *
 * @param n independent seeds, at least 2
 * @param deviation between its seeds, in the unit of the comparison; above 0
 * @param tests comparisons of the family that are tested, at least 1
 * @param margin half width of what counts as zero; 0 where nothing does
 */
record Power(int n, double deviation, int tests, double margin) {
  /** The share of studies in which the smallest gap is to be found. */
  static final double USUAL = 0.8;

  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** Steps of the integral over what the deviation of a sample may come out as. */
  private static final int STEPS = 2000;

  /** Times the true deviation: beyond it no sample of two or more lies. */
  private static final double MOST = 6;

  /** The smallest true gap that is shown to differ from zero in {@link #USUAL} of studies. */
  double smallestGap() {
    double critical =
        TDistribution.of(n - 1).inverseSurvivalProbability(Family.LEVEL / (2.0 * tests));
    double low = 0;
    double high = 1;
    while (found(high, critical) < USUAL) {
      high *= 2;
    }
    while (high - low > 1e-6 * high) {
      double middle = (low + high) / 2;
      if (found(middle, critical) < USUAL) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high * error();
  }

  /** The share of studies that find a gap of so many true standard errors. */
  private double found(double errors, double critical) {
    return mean(s -> NORMAL.cumulativeProbability(errors - critical * s));
  }

  /** The share of studies that find equal what is equal, 0 to 1; 0 without a margin. */
  double ofEqual() {
    double critical = TDistribution.of(n - 1).inverseSurvivalProbability(Family.LEVEL / tests);
    double within = margin / error();
    return mean(s -> Math.max(0, 2 * NORMAL.cumulativeProbability(within - critical * s) - 1));
  }

  private double error() {
    return deviation / Math.sqrt(n);
  }

  /** The mean over the ratio of a sample's deviation to the true one. */
  private double mean(DoubleUnaryOperator of) {
    int freedom = n - 1;
    ChiSquaredDistribution squares = ChiSquaredDistribution.of(freedom);
    double step = MOST / STEPS;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
      double s = (i + 0.5) * step;
      sum += of.applyAsDouble(s) * squares.density(freedom * s * s) * 2 * freedom * s * step;
    }
    return sum;
  }

  /**
   * In words: "could tell, of 8 comparisons (gaps of ST to JT) with a deviation of 0.80 …: a gap of
   * 2.9 …".
   *
   * @param family of which comparisons it is one
   */
  String words(String family, String unit) {
    return "could tell, of "
        + Wording.count(tests, "comparison")
        + " ("
        + family
        + ") with a deviation of "
        + Wording.number(deviation, 2)
        + " between its "
        + unit
        + "s: a gap of "
        + Wording.number(smallestGap(), 1)
        + " in "
        + Wording.number(100 * USUAL, 0)
        + " % of studies"
        + (margin > 0
            ? ", equality where there is no gap in " + Wording.number(100 * ofEqual(), 0) + " %"
            : "");
  }
}
