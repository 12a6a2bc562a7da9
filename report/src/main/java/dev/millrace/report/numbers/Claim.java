package dev.millrace.report.numbers;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the paper's claims and how it fared.
 *
 * @param rule by which rule its verdict was computed
 * @param evidence one line a comparison
 */
public record Claim(int number, String statement, String rule, List<Evidence> evidence) {

  /**
   * One comparison: where, what came out, and the numbers in words.
   *
   * @param counts whether the claim's verdict is taken over it
   */
  public record Evidence(String where, Verdict verdict, String numbers, boolean counts) {
    /** A comparison that counts. */
    public Evidence(String where, Verdict verdict, String numbers) {
      this(where, verdict, numbers, true);
    }
  }

  /** Over all comparisons that count. */
  public Verdict verdict() {
    return Verdict.over(counted());
  }

  /**
   * How many comparisons came out how: "held in 2 of 8, not decided in 6"; empty for one or none.
   */
  public String tally() {
    List<Verdict> counted = counted();
    if (counted.size() < 2) {
      return "";
    }
    List<String> words = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long times = counted.stream().filter(verdict::equals).count();
      if (times > 0) {
        words.add(
            verdict.words() + " in " + times + (words.isEmpty() ? " of " + counted.size() : ""));
      }
    }
    return String.join(", ", words);
  }

  private List<Verdict> counted() {
    return evidence.stream().filter(Evidence::counts).map(Evidence::verdict).toList();
  }
}
