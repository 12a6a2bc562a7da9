package dev.millrace.live.gate;

import dev.millrace.live.encoder.Verdict;
import java.util.List;
import java.util.Map;

/**
 * What a judge found. Immutable.
 *
 * @param verdict whether the candidate is worse, as far as the pictures can tell
 * @param reasons in words, the deciding one first
 * @param numbers that led to it, by name
 */
public record Judgement(Verdict verdict, List<String> reasons, Map<String, Double> numbers) {
  /** Copies the collections. */
  public Judgement {
    reasons = List.copyOf(reasons);
    numbers = Map.copyOf(numbers);
  }
}
