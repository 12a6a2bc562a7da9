package dev.millrace.app.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where a study meets {@code recipe.Insights}. */
final class RunInsights {
  /** The parts that can be asked for. */
  static final List<String> PARTS =
      List.of("forgetting", "health", "sharpness", "landscape", "cka");

  private static final ObjectMapper JSON = new ObjectMapper();

  private RunInsights() {}

  /** What is asked for of a run, as {@code insight.json} has it. */
  static JsonNode of(Path run, Job job, OneRun.Told told, BooleanSupplier stop) throws IOException {
    return JSON.createObjectNode();
  }

  /** What looking inside costs, in image passes of training. */
  static double passes(PlannedRun run, long trained) {
    return 0;
  }

  /** CKA of a run's encoders against the final one of its reference. */
  static JsonNode compare(Path run, Path reference, Job job, OneRun.Told told, BooleanSupplier stop)
      throws IOException {
    return JSON.createArrayNode();
  }
}
