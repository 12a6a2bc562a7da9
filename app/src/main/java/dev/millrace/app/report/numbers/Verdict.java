package dev.millrace.app.report.numbers;

import java.util.Collection;

/** What the numbers say about a claim. */
public enum Verdict {
  /** It held in every comparison. */
  HELD("held"),
  /** It held in some comparisons, and nothing is decided in the others. */
  WHERE_DECIDED("held where decided"),
  /** It held in some comparisons and not in others. */
  IN_PART("held in part"),
  /** It held in none. */
  DID_NOT_HOLD("did not hold"),
  /** Seeds differ by more than what is to be told apart, or there is one seed only. */
  UNDECIDED("not decided"),
  /** There are no numbers for it. */
  NOT_MEASURED("not measured");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** The verdict in words. */
  public String words() {
    return words;
  }

  /**
   * Whether a number is at or above a bound: held if it still is with the standard error taken off,
   * not held if it is not with it added, undecided between and with fewer than two seeds.
   */
  public static Verdict atLeast(Spread number, double bound) {
    if (!number.measured()) {
      return NOT_MEASURED;
    }
    if (number.n() < 2) {
      return UNDECIDED;
    }
    if (number.mean() - number.error() >= bound) {
      return HELD;
    }
    return number.mean() + number.error() < bound ? DID_NOT_HOLD : UNDECIDED;
  }

  /** The verdict over single comparisons; those that were not measured do not count. */
  public static Verdict over(Collection<Verdict> each) {
    boolean held = each.contains(HELD);
    boolean failed = each.contains(DID_NOT_HOLD);
    boolean open = each.contains(UNDECIDED);
    if (held && failed) {
      return IN_PART;
    }
    if (held) {
      return open ? WHERE_DECIDED : HELD;
    }
    if (failed) {
      return DID_NOT_HOLD;
    }
    return open ? UNDECIDED : NOT_MEASURED;
  }
}
