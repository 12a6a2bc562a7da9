package dev.millrace.app.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.stream.source.Choice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cells that a study leaves out: those that have, for every key, one of its values.
 *
 * @param values by {@code data}, {@code stream}, {@code method}, {@code remedy} or {@code seed}
 */
record Exclusion(Map<String, List<String>> values) {
  private static final String[] KEYS = {"data", "stream", "method", "remedy", "seed"};

  /**
   * Reads one rule.
   *
   * @param axes the values there are, by key
   */
  static Exclusion read(String where, JsonNode node, Map<String, List<String>> axes) {
    Fields fields = Fields.of(where, node, KEYS);
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String key : KEYS) {
      if (fields.has(key)) {
        List<String> given = fields.words(key, "some of " + axes.get(key));
        given.forEach(
            value -> Choice.check(where + ": " + key, value, axes.get(key).toArray(new String[0])));
        values.put(key, given);
      }
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          where + " names nothing and would leave every run out; give some of " + List.of(KEYS));
    }
    return new Exclusion(values);
  }

  boolean matches(PlannedRun run) {
    Map<String, String> cell =
        Map.of(
            "data", run.data(),
            "stream", run.stream(),
            "method", run.method(),
            "remedy", run.remedy(),
            "seed", Long.toString(run.seed()));
    return values.entrySet().stream().allMatch(e -> e.getValue().contains(cell.get(e.getKey())));
  }
}
