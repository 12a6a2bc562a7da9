package dev.millrace.study.record;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.SealedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the lines of a ledger say, by the one rule that planner and report share. Of the lines of
 * one id the first that is done stands, since a ledger only grows and the planner has believed it;
 * until there is one, the last failure stands. Half a line at the end is what a kill left, and
 * passed over. A damaged line is a fault: whoever appends refuses it, whoever reads shows it.
 *
 * @param standing the line that stands for each id, in the order of the file
 * @param faults lines that say nothing
 */
record LedgerLines(Map<String, ObjectNode> standing, List<Fault> faults) {
  /**
   * A damaged line.
   *
   * @param line its number, from 1
   * @param why in words
   */
  record Fault(int line, String why) {}

  /** Reads a file; one that is not there has no lines. */
  static LedgerLines read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return of(List.of());
    }
    byte[] bytes = Files.readAllBytes(file);
    String whole = new String(bytes, 0, AppendLog.whole(bytes), StandardCharsets.UTF_8);
    return of(Arrays.asList(whole.split("\n")));
  }

  /** Lines, sealed or, of older versions, not. */
  static LedgerLines of(List<String> lines) {
    Map<String, ObjectNode> standing = new LinkedHashMap<>();
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String line = SealedText.open(lines.get(i));
      if (line == null) {
        faults.add(new Fault(i + 1, "it does not fit its own checksum"));
        continue;
      }
      try {
        JsonNode node = JSON.readTree(line);
        if (node instanceof ObjectNode object && named(object)) {
          take(object, standing);
        } else {
          faults.add(new Fault(i + 1, "it has no id and kind"));
        }
      } catch (JsonProcessingException e) {
        faults.add(new Fault(i + 1, e.getOriginalMessage()));
      }
    }
    return new LedgerLines(standing, faults);
  }

  private static boolean named(ObjectNode line) {
    return line.hasNonNull("id") && line.hasNonNull("kind");
  }

  /** Takes one more line in, by the rule. */
  static void take(ObjectNode line, Map<String, ObjectNode> standing) {
    String id = line.path("id").asText();
    ObjectNode before = standing.get(id);
    if (before == null || !done(before)) {
      standing.remove(id); // what stands lies where it was written
      standing.put(id, line);
    }
  }

  /** Whether a line is of what finished; comparisons of older versions do not say. */
  static boolean done(ObjectNode line) {
    return line.path("status").asText("done").equals("done");
  }
}
