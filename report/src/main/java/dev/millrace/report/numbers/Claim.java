package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the paper's claims and how it fared.
 *
 * @param rule by which rule its verdict was computed
 * @param measure what its comparisons measure, with the unit, as a plot's axis says it
 * @param margin up to how far from 0 a number counts as equal to it; 0 where nothing is to be equal
 * @param evidence one line a comparison
 */
public record Claim(
    int number,
    String statement,
    String rule,
    String measure,
    double margin,
    List<Evidence> evidence) {

  /**
   * A number of a comparison, in the claim's measure.
   *
   * @param name of whom, or against whom
   * @param cell whose it is, or against whom
   * @param evidence whether it can decide anything; false where somebody did not learn
   */
  public record Measured(String name, Cell cell, Spread value, boolean evidence) {}

  /**
   * One comparison: where, what came out, and the numbers in words.
   *
   * @param counts whether the claim's verdict is taken over it
   * @param measured the numbers that it is taken from; those that there are
   */
  public record Evidence(
      String where, Verdict verdict, String numbers, boolean counts, List<Measured> measured) {
    /** Leaves out what was not measured. */
    public Evidence {
      measured = measured.stream().filter(one -> one.value().measured()).toList();
    }
  }

  /** Over all comparisons that count. */
  public Verdict verdict() {
    return Verdict.over(counted());
  }

  /**
   * How many comparisons came out how: "held in 2 of 8, not decided in 6", or "8 of 8 comparisons"
   * where all came out as the claim; empty for one or none, and for arithmetic, which is so
   * everywhere.
   */
  public String tally() {
    List<Verdict> counted = counted();
    if (counted.size() < 2) {
      return "";
    }
    if (counted.stream().allMatch(counted.get(0)::equals)) {
      return counted.get(0) == Verdict.ARITHMETIC
          ? ""
          : counted.size() + " of " + counted.size() + " comparisons";
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
