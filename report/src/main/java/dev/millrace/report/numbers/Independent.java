package dev.millrace.report.numbers;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Independent numbers out of repeated runs. Runs of one seed share their first weights and their
 * joint run, so several orders of a seed are one number, their mean, and n counts seeds. Where
 * there is one seed only, orders count, as long as what they are paired with differs.
 */
final class Independent {
  private Independent() {}

  /**
   * One run's number.
   *
   * @param partner id of the run that it is paired with, else its own
   * @param number null where it was not measured
   */
  record Sample(long seed, String partner, Double number) {}

  static Spread of(Collection<Sample> samples) {
    List<Sample> measured =
        samples.stream()
            .filter(one -> one.number() != null && Double.isFinite(one.number()))
            .toList();
    boolean seeds = measured.stream().map(Sample::seed).distinct().count() > 1;
    Map<Object, Double> means =
        measured.stream()
            .collect(
                Collectors.groupingBy(
                    one -> seeds ? one.seed() : one.partner(),
                    LinkedHashMap::new,
                    Collectors.averagingDouble(Sample::number)));
    return Spread.of(means.values());
  }
}
