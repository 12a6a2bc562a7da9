package dev.millrace.serve;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.AppendLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a live run found out and did about kept vectors, a line each. Half a line that a kill left
 * is passed over. Thread-safe.
 *
 * @param file {@code vectors.jsonl}; missing, it is empty
 */
record VectorLog(Path file) {
  private static final int TAIL = 1 << 17;

  /**
   * Appends what was found or done.
   *
   * @param action that was asked for
   * @param embedded pictures whose vectors were computed; 0 where none were
   */
  void add(String at, String action, KeptVectors.Standing standing, VectorWorth worth, int embedded)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", at);
    line.put("action", action);
    line.put("sha256", standing.served());
    line.put("index_sha256", standing.of());
    line.putAll(worth.json());
    line.put("embedded", embedded);
    AppendLog.add(file, JSON.writeValueAsString(line) + "\n");
  }

  /** Whether that was looked into already, also by a process that has ended. */
  boolean knows(String action, KeptVectors.Standing standing) throws IOException {
    for (JsonNode line : last()) {
      if (line.path("action").asText().equals(action)
          && line.path("index").asText().equals(standing.index())
          && line.path("sha256").asText().equals(standing.served())
          && line.path("index_sha256").asText().equals(standing.of())) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last line of an index says something else than that it is up to date now. */
  boolean isBehind(KeptVectors.Standing standing) throws IOException {
    JsonNode last = null;
    for (JsonNode line : last()) {
      last = line.path("index").asText().equals(standing.index()) ? line : last;
    }
    return last != null
        && !(last.path("advice").asText().equals("none")
            && last.path("sha256").asText().equals(standing.served()));
  }

  /** The newest lines, the oldest of them first: some hundreds at most. */
  List<JsonNode> last() throws IOException {
    List<JsonNode> last = new ArrayList<>();
    for (String line : AppendLog.tail(file, TAIL).split("\n", -1)) {
      try {
        JsonNode read = line.isBlank() ? null : JSON.readTree(line);
        if (read != null && read.isObject()) {
          last.add(read);
        }
      } catch (JacksonException e) {
        continue; // the first line of a tail is a part of one, as may be that of a kill
      }
    }
    return last;
  }
}
