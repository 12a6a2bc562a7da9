package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.recipe.SettingsV1;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs that are to be made although a ledger has them with other settings. A file that leaves a
 * setting to its default plans other runs where a later version has another default.
 */
public final class UnplannedRuns {
  private UnplannedRuns() {}

  /** In words: how many runs, and in what they differ; none where there is nothing to say. */
  public static List<String> lines(StudyFile study, Ledger ledger) {
    List<ObjectNode> runs =
        ledger.all().stream().filter(line -> line.path("kind").asText().equals("run")).toList();
    Map<String, Integer> differing = new TreeMap<>();
    boolean done = false;
    for (PlannedRun run : study.runs()) {
      if (ledger.done(run.id())) {
        done = true;
        continue;
      }
      runs.stream()
          .filter(line -> same(run, line))
          .map(line -> differences(run, line.path("settings")))
          .min(UnplannedRuns::compare)
          .ifPresent(found -> differing.merge(String.join(", ", found), 1, Integer::sum));
    }
    List<String> lines = new ArrayList<>();
    differing.forEach(
        (what, number) ->
            lines.add(
                "not done, though the ledger has %s: %s"
                    .formatted(
                        number == 1 ? "such a run" : number + " such runs",
                        what.isEmpty() ? "other questions or insight" : what)));
    if (lines.isEmpty() && !done && !runs.isEmpty()) {
      return List.of(
          "the ledger has %s, and none is one that the study's file plans"
              .formatted(Say.count(runs.size(), "run")));
    }
    if (differing.keySet().stream().anyMatch(what -> !what.isEmpty())) {
      lines.add(
          "a setting that the file does not name is this version's default; name the ledger's there if its runs are to count");
    }
    return lines;
  }

  private static int compare(List<String> a, List<String> b) {
    return Integer.compare(a.size(), b.size());
  }

  private static boolean same(PlannedRun run, JsonNode line) {
    long seed = line.path("seed").asLong();
    return line.path("data").asText().equals(run.data())
        && line.path("stream").asText().equals(run.stream())
        && line.path("method").asText().equals(run.method())
        && line.path("remedy").asText().equals(run.remedy())
        && seed == run.seed()
        && (run.joint()
            || line.path("order_seed").asLong(seed) == run.settings().stream().ordering());
  }

  /** Settings by which runs train differently; a version that did not know one did as before it. */
  private static List<String> differences(PlannedRun run, JsonNode ledger) {
    ObjectNode here = JSON.valueToTree(run.settings().asMap());
    List<String> differences = new ArrayList<>();
    here.fields()
        .forEachRemaining(
            own -> {
              String name = own.getKey();
              Object unsaid = SettingsV1.unsaid(name);
              JsonNode there =
                  ledger.has(name) || unsaid == null ? ledger.get(name) : JSON.valueToTree(unsaid);
              if (SettingsV1.trains(name)
                  && there != null
                  && !words(own.getValue()).equals(words(there))) {
                differences.add(
                    "%s is %s there and %s here"
                        .formatted(name, words(there), words(own.getValue())));
              }
            });
    return differences;
  }

  private static String words(JsonNode value) {
    if (value.isArray()) {
      return Stream.iterate(0, i -> i < value.size(), i -> i + 1)
          .map(i -> words(value.get(i)))
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (value.isNumber()) {
      double number = value.asDouble();
      return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
    return value.asText(value.toString());
  }
}
