package dev.millrace.report.numbers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Comparisons that are judged together, each counted once: numbers over independent seeds or
 * orders, each held against zero. Equal to zero is what has its 90 % t-interval within a margin
 * (two one-sided tests at 5 %), different from zero what has a 95 % t-interval without it, both
 * with Holm's correction over the family. Fewer than five seeds decide nothing.
 *
 * @param <K> what a comparison is known by
 */
final class Family<K> {
  /** So many independent seeds or orders are asked for. */
  static final int SEEDS = 5;

  static final double LEVEL = 0.05;

  private final double margin;
  private final Map<K, Spread> numbers;
  private final Map<K, Double> equal;
  private final Map<K, Double> different;

  /**
   * Judges.
   *
   * @param margin half width of what counts as zero; 0 where nothing does
   */
  Family(Map<K, Spread> numbers, double margin) {
    this.margin = margin;
    this.numbers = new LinkedHashMap<>(numbers);
    Map<K, Double> within = new LinkedHashMap<>();
    Map<K, Double> apart = new LinkedHashMap<>();
    numbers.forEach(
        (key, one) -> {
          boolean tested = one.n() >= SEEDS;
          within.put(
              key,
              tested && margin > 0
                  ? Math.max(StudentT.above(one, -margin), StudentT.below(one, margin))
                  : Double.NaN);
          apart.put(
              key,
              tested
                  ? Math.min(1, 2 * Math.min(StudentT.above(one, 0), StudentT.below(one, 0)))
                  : Double.NaN);
        });
    equal = Holm.corrected(within);
    different = Holm.corrected(apart);
  }

  /** How a comparison came out; what is equal and different stays equal. */
  Relation relation(K key) {
    Relation side = side(key);
    return side != Relation.NOT_MEASURED && found(equal, key) ? Relation.EQUAL : side;
  }

  /** On which side of zero a comparison is, whether or not that is within the margin. */
  Relation side(K key) {
    Spread one = numbers.getOrDefault(key, Spread.NONE);
    if (!one.measured()) {
      return Relation.NOT_MEASURED;
    }
    if (!found(different, key)) {
      return Relation.OPEN;
    }
    return one.mean() < 0 ? Relation.BELOW : Relation.ABOVE;
  }

  private static <K> boolean found(Map<K, Double> corrected, K key) {
    return corrected.getOrDefault(key, Double.NaN) <= LEVEL;
  }

  /**
   * What a comparison could tell by its own deviation, since another set's seeds may lie several
   * times as far apart; empty where it has too few seeds, or nobody knows how far these lie apart.
   */
  Optional<Power> power(K key) {
    Spread own = numbers.getOrDefault(key, Spread.NONE);
    return own.n() >= SEEDS && own.deviation() > 0
        ? Optional.of(new Power(own.n(), own.deviation(), tests(), margin))
        : Optional.empty();
  }

  /** All comparisons, of enough seeds or not. */
  Set<K> all() {
    return Collections.unmodifiableSet(numbers.keySet());
  }

  /** How many comparisons have enough seeds to be tested. */
  int tests() {
    return (int) different.values().stream().filter(p -> !p.isNaN()).count();
  }
}
