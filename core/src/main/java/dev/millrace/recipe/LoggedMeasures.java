package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.metric.Measured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a run's logs say that it measured, in the order of its steps. */
final class LoggedMeasures {
  /** When a line was written, in UTC. */
  static final String TIME = "time";

  /** The set that a kNN was judged by. */
  static final String SET = "knn_set";

  /** Where a value belongs, and how it was found. */
  private static final Set<String> NO_VALUES =
      Set.of("step", "chunk", "epoch", "knn_chance", "knn_learned", "knn_judged");

  /** Takes measures. */
  @FunctionalInterface
  interface Taker {
    void take(Measured measured) throws IOException;
  }

  private final RunDirectory directory;

  LoggedMeasures(RunDirectory directory) {
    this.directory = directory;
  }

  /** Gives every measure; looks at the features are few and read at once, steps one by one. */
  void each(Taker taker) throws IOException {
    Instant unknown = written(directory.metrics());
    Deque<Measured> looks = new ArrayDeque<>();
    for (String line : LogLines.from(directory.health(), "step", 0)) {
      looks.add(measured(line, unknown));
    }
    LogLines.each(
        directory.metrics(),
        "step",
        line -> {
          Measured step = measured(line, unknown);
          while (!looks.isEmpty() && looks.peek().step() < step.step()) {
            taker.take(looks.remove());
          }
          taker.take(step);
        });
    for (Measured look : looks) {
      taker.take(look);
    }
  }

  /** Lines of older versions do not say when they were written: then no later than this. */
  private static Instant written(Path log) throws IOException {
    return Files.exists(log) ? Files.getLastModifiedTime(log).toInstant() : Instant.EPOCH;
  }

  private static Measured measured(String line, Instant unknown) throws IOException {
    JsonNode tree = JSON.readTree(line);
    Map<String, Double> values = new LinkedHashMap<>();
    tree.fields()
        .forEachRemaining(
            field -> {
              if (field.getValue().isNumber() && !NO_VALUES.contains(field.getKey())) {
                values.put(field.getKey(), field.getValue().asDouble());
              }
            });
    return new Measured(
        time(tree, unknown),
        tree.path("step").asLong(),
        tree.path("chunk").asInt(),
        tree.path("epoch").asInt(),
        tree.path(SET).textValue(),
        values);
  }

  private static Instant time(JsonNode line, Instant unknown) {
    try {
      return line.has(TIME) ? Instant.parse(line.path(TIME).asText()) : unknown;
    } catch (DateTimeParseException e) {
      return unknown;
    }
  }
}
