package dev.millrace.refusal;

import java.util.List;

/** The first few of many, in a sentence. */
public final class Some {
  private Some() {}

  /** {@code a, b, c and 4 more}, of which the first so many are named. */
  public static String of(List<String> names, int named) {
    return of(names, named, ", ");
  }

  /** Like {@link #of(List, int)}, with other marks between. */
  public static String of(List<String> names, int named, String between) {
    int more = names.size() - named;
    return String.join(between, names.subList(0, Math.min(named, names.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
