package dev.millrace.app.analyse;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.analysis.RunInsight;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.study.record.Cell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found inside runs, as lines of a study's ledger, from which pages are made. */
final class InsightLines {
  private final List<String> lines = new ArrayList<>();

  /**
   * A run.
   *
   * @param compared with another run by CKA; null where it was not
   */
  void add(Path run, RunInsight insight, List<RunInsight.CkaToReference> compared)
      throws IOException {
    Settings settings = Settings.ofRun(run);
    Map<String, Object> line = line("run", run, settings);
    line.put("status", "done");
    line.put("insight", insight);
    lines.add(json(line));
    if (compared != null) {
      Map<String, Object> comparison = line("comparison", run, settings);
      comparison.put("run", run.toString());
      comparison.put("cka", compared);
      lines.add(json(comparison));
    }
  }

  /** The ledger lines, in the order added. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Runs are told apart by their folders: two may have the same settings. */
  private static Map<String, Object> line(String kind, Path run, Settings settings) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", kind);
    line.put("id", kind.equals("run") ? run.toString() : kind + " of " + run);
    line.put("data", run.toString());
    line.put("stream", settings.stream().order().word());
    line.put("chunks", settings.stream().chunks());
    line.put("method", settings.methodName());
    line.put("remedy", remedy(settings));
    line.put("seed", settings.stream().seed());
    return line;
  }

  private static String remedy(Settings settings) {
    if (settings.stream().order().atOnce()) {
      return Cell.JOINT;
    }
    List<String> remedies = RemedyParts.names(settings);
    if (remedies.equals(List.of("replay", "mas"))) {
      return "both";
    }
    return remedies.isEmpty() ? Cell.SEQUENTIAL : String.join("+", remedies);
  }

  private static String json(Map<String, Object> line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was found is no JSON: " + e.getMessage(), e);
    }
  }
}
