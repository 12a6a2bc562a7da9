package dev.millrace.live.gate;

import dev.millrace.live.encoder.Verdict;
import dev.millrace.refusal.Require;
import java.util.Locale;

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

  /** How often two equally good encoders shall pass where pictures are called enough. */
  private static final double POWER = 0.8;

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

  /**
   * Pictures from which on two equally good encoders that disagree as often as these would pass
   * four times in five; with fewer, not passing says little.
   */
  public int enough() {
    double z = Normal.quantile(confidence) + Normal.quantile(POWER);
    double disagree = (gained + lost) / (double) pictures;
    return Math.max(
        least(margin, confidence), (int) Math.ceil(z * z * disagree / (margin * margin)));
  }

  /**
   * What the pictures say: not worse by the margin or more; worse, where a loss is certain with the
   * confidence asked for or enough pictures could not exclude one of the margin; or nothing.
   */
  public Verdict verdict() {
    if (holds()) {
      return Verdict.PASS;
    }
    return lossByChance() <= 1 - confidence || pictures >= enough()
        ? Verdict.FAIL
        : Verdict.UNDECIDED;
  }

  /**
   * How often two equally good encoders would show this loss or a larger one: the sign test, exact
   * also for the few disagreements of few pictures.
   */
  double lossByChance() {
    int n = gained + lost;
    double tail = 0;
    double log = -n * Math.log(2); // of the chance that k of n are gained
    for (int k = 0; k <= gained; k++) {
      tail += Math.exp(log);
      log += Math.log((n - k) / (k + 1.0));
    }
    return tail;
  }

  /** The verdict as a sentence goes on, behind the bound. */
  String words() {
    return switch (verdict()) {
      case PASS -> String.format(Locale.ROOT, "within the margin of %.1f", 100 * margin);
      case FAIL -> String.format(Locale.ROOT, "beyond the margin of %.1f", 100 * margin);
      case UNDECIDED ->
          String.format(
              Locale.ROOT,
              "too few pictures to tell by the margin of %.1f, which takes about %d",
              100 * margin,
              enough());
    };
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
