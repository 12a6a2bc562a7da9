package dev.millrace.report.numbers;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Student's t for the mean of n independent numbers whose deviation is estimated from them: with
 * few numbers a mean is known far less well than its standard error says (factor 12.7 for 2, 2.8
 * for 5).
 */
final class StudentT {
  private StudentT() {}

  /**
   * By how many standard errors an interval reaches to either side.
   *
   * @param confidence such as 0.95
   * @param n numbers; below 2 there is no interval, and the factor is NaN
   */
  static double factor(double confidence, int n) {
    return n < 2
        ? Double.NaN
        : TDistribution.of(n - 1).inverseSurvivalProbability((1 - confidence) / 2);
  }

  /** How likely a mean this far above a bound is if the true one is the bound; 0 to 1, or NaN. */
  static double above(Spread numbers, double bound) {
    return numbers.n() < 2 ? Double.NaN : survival(numbers.mean() - bound, numbers);
  }

  /** How likely a mean this far below a bound is if the true one is the bound; 0 to 1, or NaN. */
  static double below(Spread numbers, double bound) {
    return numbers.n() < 2 ? Double.NaN : survival(bound - numbers.mean(), numbers);
  }

  private static double survival(double distance, Spread numbers) {
    double t = distance == 0 ? 0 : distance / numbers.error(); // equal numbers have no error
    return TDistribution.of(numbers.n() - 1).survivalProbability(t);
  }
}
