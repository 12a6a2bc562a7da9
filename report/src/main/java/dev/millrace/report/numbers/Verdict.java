package dev.millrace.report.numbers;

import java.util.Collection;
import java.util.stream.Stream;

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
  /** Seeds are too few, differ by more than what is to be told apart, or nothing was learned. */
  UNDECIDED("not decided"),
  /** It follows from how runs are made, whatever they learn. */
  ARITHMETIC("arithmetic"),
  /** What it is about did not come up: nothing was lost that could be brought back. */
  NOTHING_LOST("nothing to bring back"),
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
    if (open) {
      return UNDECIDED;
    }
    return Stream.of(NOTHING_LOST, ARITHMETIC)
        .filter(each::contains)
        .findFirst()
        .orElse(NOT_MEASURED);
  }
}
