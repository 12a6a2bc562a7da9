package dev.millrace.live.gate;

import dev.millrace.refusal.Require;

/**
 * Whether one encoder is right about as often as another on the same pictures, or better: Tango's
 * score test for paired proportions ("Equivalence test and confidence interval for the difference
 * in proportions for the paired-sample design", Statistics in Medicine 17, 1998). It keeps its
 * level with few pictures and rare disagreements, where the usual interval is too narrow.
 * Immutable.
 *
 * @param gained pictures that only the candidate is right about
 * @param lost pictures that only the champion is right about
 * @param pictures all that both were asked about, at least 1
 * @param margin loss of accuracy that is still not worse, in (0, 1)
 * @param confidence that the loss is below the margin, in (0.5, 1)
 */
public record NonInferiority(int gained, int lost, int pictures, double margin, double confidence) {
  private static final double RESOLUTION = 1e-9;

  /** Checks the ranges. */
  public NonInferiority {
    Require.that(
        gained >= 0 && lost >= 0 && pictures >= 1 && gained + lost <= pictures,
        "found %d gained and %d lost of %d pictures; expected no more than there are"
            .formatted(gained, lost, pictures));
    requireMargin(margin);
    requireConfidence(confidence);
  }

  static void requireMargin(double margin) {
    Require.component(
        margin > 0 && margin < 1, "margin", margin + " is no share between 0 and 1; give 0.02");
  }

  static void requireConfidence(double confidence) {
    Require.component(
        confidence > 0.5 && confidence < 1,
        "confidence",
        confidence + " is not between 0.5 and 1; give 0.95");
  }

  /**
   * Of paired answers.
   *
   * @param champion whether it was right, per picture
   * @param candidate likewise, in the same order
   */
  public static NonInferiority of(
      boolean[] champion, boolean[] candidate, double margin, double confidence) {
    Require.that(
        champion.length == candidate.length,
        "found answers about %d and %d pictures; ask both about the same"
            .formatted(champion.length, candidate.length));
    int gained = 0;
    int lost = 0;
    for (int i = 0; i < champion.length; i++) {
      gained += candidate[i] && !champion[i] ? 1 : 0;
      lost += champion[i] && !candidate[i] ? 1 : 0;
    }
    return new NonInferiority(gained, lost, champion.length, margin, confidence);
  }

  /** Pictures below which not even two equal encoders can be shown to be equally good. */
  public static int least(double margin, double confidence) {
    double z = Normal.quantile(confidence);
    return (int) Math.ceil(z * z * (1 - margin) / margin);
  }

  /** Accuracy of the candidate less that of the champion. */
  public double difference() {
    return (gained - lost) / (double) pictures;
  }

  /** The difference is not below this with the confidence asked for. */
  public double bound() {
    double z = Normal.quantile(confidence);
    double low = -1;
    double high = difference();
    while (high - low > RESOLUTION) {
      double middle = (low + high) / 2;
      if (score(middle) > z) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether a loss of the margin or more can be excluded. */
  public boolean holds() {
    return score(-margin) >= Normal.quantile(confidence);
  }

  /**
   * Tango's eq. 6: the score statistic for a true difference delta, positive if it looks larger.
   */
  private double score(double delta) {
    double n = pictures;
    double b = (2 * n - gained + lost) * delta - gained - lost;
    double c = -lost * delta * (1 - delta);
    double q = Math.max(0, (Math.sqrt(Math.max(0, b * b - 8 * n * c)) - b) / (4 * n));
    double variance = n * (2 * q + delta * (1 - delta));
    double distance = gained - lost - n * delta;
    return variance <= 0
        ? Math.signum(distance) * Double.MAX_VALUE
        : distance / Math.sqrt(variance);
  }
}
