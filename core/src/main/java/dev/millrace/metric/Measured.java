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
 * @param values by name, of {@link #NAMES}, in order
 */
public record Measured(
    Instant time, long step, int chunk, int epoch, String set, Map<String, Double> values) {
  /** Everything that can be measured: a step's, then the features', then the labels'. */
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
