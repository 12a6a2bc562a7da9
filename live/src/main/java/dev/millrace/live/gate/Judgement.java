package dev.millrace.live.gate;

import java.util.List;
import java.util.Map;

/**
 * What a judge found. Immutable.
 *
 * @param passed whether the candidate may be served
 * @param reasons in words, the deciding one first
 * @param numbers that led to it, by name
 */
public record Judgement(boolean passed, List<String> reasons, Map<String, Double> numbers) {
  /** Copies the collections. */
  public Judgement {
    reasons = List.copyOf(reasons);
    numbers = Map.copyOf(numbers);
  }
}
