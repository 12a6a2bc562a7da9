package dev.millrace.live.encoder;

import java.util.Locale;

/** What comparing a candidate with the served encoder came to. */
public enum Verdict {
  /** It is not worse, by more than the margin. */
  PASS,
  /** It is worse, or enough pictures could not show that it is not. */
  FAIL,
  /** There are too few pictures to tell; the candidate is served. */
  UNDECIDED;

  /** As {@code decisions.jsonl} has it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
