package dev.millrace.refusal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A value out of a few names, refused with the nearest match. */
public final class Choice {
  private Choice() {}

  /**
   * Refuses a value that is none of the allowed.
   *
   * @throws UsageException with the allowed ones and the nearest
   */
  public static void check(String flag, String value, String... allowed) {
    if (!Arrays.asList(allowed).contains(value)) {
      throw new UsageException(
          flag,
          value,
          "is unknown",
          "allowed: " + String.join(", ", allowed) + hint(value, List.of(allowed)));
    }
  }

  /** The name with the smallest edit distance. */
  public static String nearest(String value, List<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(value, name)))
        .orElse("none");
  }

  /** {@code ; nearest: NAME} where a name is near enough to be meant, else nothing. */
  public static String hint(String value, List<String> names) {
    return near(value, names).map(name -> "; nearest: " + name).orElse("");
  }

  /**
   * The nearest name where it is near enough to be meant: two letters away, or a third of a longer
   * word, or begun as it begins; less than half of the word in any case.
   */
  public static Optional<String> near(String value, List<String> names) {
    String nearest = nearest(value, names);
    int distance = distance(value, nearest);
    boolean begun = value.length() > 2 && nearest.startsWith(value);
    boolean meant =
        distance <= Math.max(2, value.length() / 3) && 2 * distance < value.length() + 1;
    return begun || meant ? Optional.of(nearest) : Optional.empty();
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
