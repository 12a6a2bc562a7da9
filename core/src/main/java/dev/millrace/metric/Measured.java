package dev.millrace.metric;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers that a run measured at one moment.
 *
 * @param time when
 * @param step steps made since the run began
 * @param chunk counted from 0
 * @param epoch of the chunk, counted from 0
 * @param set what set a kNN was judged by; null of what no set judges
 * @param values by name, in order
 */
public record Measured(
    Instant time, long step, int chunk, int epoch, String set, Map<String, Double> values) {
  /**
   * What tables have a column of: a step's values, those that MoCo watches, the features', a kNN's.
   * A method may watch others, which tables leave out.
   */
  public static final List<String> NAMES =
      List.of(
          "loss",
          "lr",
          "images_per_s",
          "softmax_own",
          "softmax_past",
          "effective_rank",
          "variance",
          "knn");

  /** Makes the map immutable. */
  public Measured {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
