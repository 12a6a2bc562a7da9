package dev.millrace.report.numbers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Holm's step-down correction ("A Simple Sequentially Rejective Multiple Test Procedure", 1979):
 * who looks at twenty comparisons finds one in twenty by chance, so the smallest p-value is
 * multiplied by the number of comparisons, the next by one less, and so on.
 */
final class Holm {
  private Holm() {}

  /**
   * Corrected p-values by comparison; at a level α, those up to α are found, with at most α for any
   * false one among them.
   *
   * @param values p-values; NaN for a comparison that makes no test, which does not count
   */
  static <K> Map<K, Double> corrected(Map<K, Double> values) {
    List<Map.Entry<K, Double>> tests =
        new ArrayList<>(values.entrySet().stream().filter(one -> !one.getValue().isNaN()).toList());
    tests.sort(Comparator.comparingDouble(Map.Entry::getValue));
    Map<K, Double> corrected = new LinkedHashMap<>();
    values.keySet().forEach(key -> corrected.put(key, Double.NaN));
    double least = 0;
    for (int i = 0; i < tests.size(); i++) {
      least = Math.max(least, Math.min(1, tests.get(i).getValue() * (tests.size() - i)));
      corrected.put(tests.get(i).getKey(), least);
    }
    return corrected;
  }
}
