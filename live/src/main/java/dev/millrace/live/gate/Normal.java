package dev.millrace.live.gate;

/**
 * The standard normal distribution, by Marsaglia's series ("Evaluating the Normal Distribution",
 * Journal of Statistical Software 11, 2004). Stateless.
 */
final class Normal {
  private static final double FAR = 8;
  private static final int HALVINGS = 60;

  private Normal() {}

  /** P(Z ≤ x), to 1e-15. */
  static double cumulative(double x) {
    if (Math.abs(x) > FAR) {
      return x > 0 ? 1 : 0;
    }
    double sum = x;
    double before = 0;
    double term = x;
    for (double i = 3; sum != before; i += 2) {
      before = sum;
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  /** The x of P(Z ≤ x) = p, p in (0, 1). */
  static double quantile(double p) {
    double low = -FAR;
    double high = FAR;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (cumulative(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }
}
