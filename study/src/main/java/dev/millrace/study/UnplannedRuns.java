package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a ledger has and the study's file does not plan. A file that leaves a setting to its default
 * plans other runs where a later version has another default, and would make them all again.
 */
final class UnplannedRuns {
  /** A pair that differs in more was not the same run before. */
  private static final int ALIKE = 8;

  /** A run that is planned, one of the ledger, and the settings in which they differ. */
  private record Pair(PlannedRun run, List<String> differences) {}

  private UnplannedRuns() {}

  /**
   * In words, where the ledger has runs and none of them is planned; else none.
   *
   * @param planned in the order of the file
   * @param ids of them
   */
  static List<String> lines(List<PlannedRun> planned, List<String> ids, Ledger ledger) {
    List<ObjectNode> runs =
        ledger.all().stream().filter(line -> line.path("kind").asText().equals("run")).toList();
    if (runs.isEmpty() || ids.stream().anyMatch(ledger::done)) {
      return List.of();
    }
    String none =
        "the ledger has %s, and none is one that the study's file plans"
            .formatted(Say.count(runs.size(), "run"));
    return planned.stream()
        .flatMap(run -> pairs(run, runs))
        .min(Comparator.comparingInt(pair -> pair.differences().size()))
        .map(
            pair ->
                List.of(
                    none + ": " + pair.run().shown() + " differs in",
                    "  " + String.join(", ", pair.differences()),
                    "name the ledger's in the file if its runs are to count, as another version may have had other defaults"))
        .orElse(List.of(none));
  }

  private static Stream<Pair> pairs(PlannedRun run, List<ObjectNode> runs) {
    ObjectNode settings = JSON.valueToTree(run.settings().asMap());
    return runs.stream()
        .filter(line -> same(run, line))
        .map(line -> new Pair(run, differences(settings, line.path("settings"))))
        .filter(pair -> !pair.differences().isEmpty() && pair.differences().size() <= ALIKE);
  }

  private static boolean same(PlannedRun run, JsonNode line) {
    return line.path("data").asText().equals(run.data())
        && line.path("stream").asText().equals(run.stream())
        && line.path("method").asText().equals(run.method())
        && line.path("remedy").asText().equals(run.remedy())
        && line.path("seed").asLong() == run.seed();
  }

  /** Of settings that both have; versions know more and fewer. */
  private static List<String> differences(ObjectNode here, JsonNode there) {
    List<String> differences = new ArrayList<>();
    here.fields()
        .forEachRemaining(
            own -> {
              JsonNode other = there.get(own.getKey());
              if (other != null && !words(own.getValue()).equals(words(other))) {
                differences.add(
                    "%s (%s in the ledger, %s here)"
                        .formatted(own.getKey(), words(other), words(own.getValue())));
              }
            });
    return differences;
  }

  private static String words(JsonNode value) {
    if (value.isArray()) {
      return Stream.iterate(0, i -> i < value.size(), i -> i + 1)
          .map(i -> words(value.get(i)))
          .collect(Collectors.joining(","));
    }
    return value.isNumber() ? String.valueOf(value.asDouble()) : value.asText(value.toString());
  }
}
