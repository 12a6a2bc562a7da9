package dev.millrace.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a suite ended.
 *
 * @param results the answers, of this call and kept ones, in the order of the sets
 * @param table all encoders that are known beside each other
 * @param missing sets that were not judged, with the reason
 */
public record SuiteOutcome(
    List<ProbeResult> results, SuiteTable table, Map<String, String> missing) {
  /** Makes list and map immutable. */
  public SuiteOutcome {
    results = List.copyOf(results);
    missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
  }
}
