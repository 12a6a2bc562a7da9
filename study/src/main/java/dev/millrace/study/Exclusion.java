package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cells that a study leaves out: those that have, for every key, one of its values.
 *
 * @param values by {@code data}, {@code stream}, {@code method}, {@code remedy}, {@code seed} or
 *     {@code order-seed}, which a joint run does not have: no rule that names it matches one
 */
record Exclusion(Map<String, List<String>> values) {
  private static final String[] KEYS = {"data", "stream", "method", "remedy", "seed", "order-seed"};

  /**
   * The runs that no rule of a study leaves out.
   *
   * @throws IllegalArgumentException for a rule that matches nothing, or rules that leave nothing
   */
  static List<PlannedRun> apply(Fields study, List<PlannedRun> product) {
    List<PlannedRun> runs = new ArrayList<>(product);
    if (study.has("exclude")) {
      Map<String, List<String>> axes = axes(product);
      int number = 0;
      for (JsonNode node : study.node().get("exclude")) {
        String where = "exclude[" + number++ + "]";
        Exclusion rule = read(where, node, axes);
        if (product.stream().noneMatch(rule::matches)) {
          throw new IllegalArgumentException(
              where + " " + node + " matches no run; take it out, or mend a value");
        }
        runs.removeIf(rule::matches);
      }
    }
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("exclude leaves no run; take a rule out");
    }
    return runs;
  }

  private static Map<String, List<String>> axes(List<PlannedRun> runs) {
    Map<String, List<String>> axes = new LinkedHashMap<>();
    for (String key : KEYS) {
      axes.put(
          key,
          runs.stream()
              .map(run -> cell(run).get(key))
              .filter(value -> !value.isEmpty())
              .distinct()
              .sorted()
              .toList());
    }
    return axes;
  }

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
    Map<String, String> cell = cell(run);
    return values.entrySet().stream().allMatch(e -> e.getValue().contains(cell.get(e.getKey())));
  }

  private static Map<String, String> cell(PlannedRun run) {
    return Map.of(
        "data", run.data(),
        "stream", run.stream(),
        "method", run.method(),
        "remedy", run.remedy(),
        "seed", Long.toString(run.seed()),
        "order-seed", run.joint() ? "" : Long.toString(run.settings().stream().ordering()));
  }
}
