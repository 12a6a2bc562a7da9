package dev.millrace.study.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code LEDGER.jsonl} holds, as records. Which line stands for a run is the ledger's rule.
 *
 * @param runs one per id, in the order of the ledger: a row and seed may be there several times,
 *     with other settings
 * @param comparisons one per id
 * @param faults lines and runs that could not be read, in words
 */
public record Records(List<RunRecord> runs, List<Comparison> comparisons, List<String> faults) {
  /**
   * Reads a study's ledger; one that is not there yet is empty.
   *
   * @throws IOException if the folder is not there or the file cannot be read
   */
  public static Records read(Path study) throws IOException {
    if (!Files.isDirectory(study)) {
      throw new IOException(study + " is not a folder; a study's folder holds a " + Ledger.NAME);
    }
    return of(LedgerLines.read(study.resolve(Ledger.NAME)));
  }

  /** A ledger of lines that are no file. */
  public static Records of(List<String> lines) {
    return of(LedgerLines.of(lines));
  }

  private static Records of(LedgerLines lines) {
    return of(lines.faults(), lines.standing());
  }

  /** Of lines that stand, by id. */
  static Records of(List<LedgerLines.Fault> damaged, Map<String, ObjectNode> standing) {
    Map<String, RunRecord> runs = new LinkedHashMap<>();
    Map<String, Comparison> comparisons = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (LedgerLines.Fault fault : damaged) {
      faults.add("Line %d of the ledger was left out: %s".formatted(fault.line(), fault.why()));
    }
    standing.forEach(
        (id, line) -> {
          try {
            take(line, runs, comparisons);
          } catch (JsonProcessingException | IllegalArgumentException e) {
            faults.add(
                "Run %s of the ledger was left out: %s".formatted(id, firstLine(e.getMessage())));
          }
        });
    return new Records(
        List.copyOf(runs.values()),
        comparisons.values().stream().map(one -> inItsRow(one, runs.get(one.run()))).toList(),
        faults);
  }

  private static void take(
      JsonNode line, Map<String, RunRecord> runs, Map<String, Comparison> comparisons)
      throws JsonProcessingException {
    String kind = line.path("kind").asText();
    switch (kind) {
      case "run" -> {
        RunRecord run = Json.SNAKE_CASE.treeToValue(line, RunRecord.class);
        named(run.id(), run.status(), run.data(), run.stream(), run.method(), run.remedy());
        runs.put(run.id(), run);
        baselines(line, runs);
      }
      case "comparison" -> {
        Comparison comparison = Json.SNAKE_CASE.treeToValue(line, Comparison.class);
        named(comparison.id(), comparison.data(), comparison.stream(), comparison.method());
        comparisons.put(comparison.id(), comparison);
      }
      default ->
          throw new IllegalArgumentException(
              "its kind is \"" + kind + "\", and \"run\" or \"comparison\" was expected");
    }
  }

  /** What a joint run found of the same pictures without training: rows of their own. */
  private static void baselines(JsonNode line, Map<String, RunRecord> runs)
      throws JsonProcessingException {
    for (String name : List.of(Cell.UNTRAINED, Cell.RAW)) {
      JsonNode results = line.path("baselines").path(name);
      if (!results.isEmpty()) {
        ObjectNode own = line.deepCopy();
        own.remove(List.of("losses", "looks", "insight", "cost"));
        own.put("id", line.path("id").asText() + "-" + name);
        own.put("stream", "none").put("remedy", name).set("results", results);
        RunRecord baseline = Json.SNAKE_CASE.treeToValue(own, RunRecord.class);
        runs.put(baseline.id(), baseline);
      }
    }
  }

  private static Comparison inItsRow(Comparison comparison, RunRecord run) {
    return run == null ? comparison : comparison.of(run.cell().method());
  }

  private static void named(String... fields) {
    if (Arrays.stream(fields).anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "it lacks one of id, status, data, stream, method and remedy");
    }
  }

  private static String firstLine(String message) {
    return message == null ? "it is no JSON" : message.lines().findFirst().orElse("");
  }
}
