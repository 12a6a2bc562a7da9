package dev.millrace.app.report.numbers;

import java.util.List;

/**
 * One of the paper's claims and how it fared.
 *
 * @param rule by which rule its verdict was computed
 * @param evidence one line a comparison
 */
public record Claim(
    int number, String statement, String rule, Verdict verdict, List<Evidence> evidence) {

  /** One comparison: where, what came out, and the numbers in words. */
  public record Evidence(String where, Verdict verdict, String numbers) {}
}
