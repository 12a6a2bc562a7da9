package dev.millrace.live.encoder;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The log of decisions, which only grows. Half a line that a kill left is no decision: it is passed
 * over, and the next line begins after it. Thread-safe.
 *
 * @param file {@code decisions.jsonl}; missing, it is empty
 */
public record Decisions(Path file) {
  private static final int TAIL = 1 << 17;

  /** Appends one. */
  public void add(Decision decision) throws IOException {
    AppendLog.add(file, JSON.writeValueAsString(decision) + "\n");
  }

  /** All decisions, the oldest first. */
  public List<Decision> all() throws IOException {
    List<Decision> all = new ArrayList<>();
    if (Files.exists(file)) {
      try {
        // A kill may also leave half a character, which a strict reader refuses.
        all.addAll(decisions(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw Reason.named(file, e);
      }
    }
    return all;
  }

  /** The last decisions, so many at most, the oldest of them first; only the log's end is read. */
  public List<Decision> last(int most) throws IOException {
    List<Decision> last = decisions(AppendLog.tail(file, TAIL));
    return last.subList(Math.max(0, last.size() - most), last.size());
  }

  private static List<Decision> decisions(String lines) {
    List<Decision> all = new ArrayList<>();
    for (String line : lines.split("\n", -1)) {
      Decision decision = line.isBlank() ? null : read(line);
      if (decision != null) {
        all.add(decision);
      }
    }
    return all;
  }

  private static Decision read(String line) {
    try {
      return JSON.readValue(line, Decision.class);
    } catch (JacksonException e) {
      return null; // half a line of a process that was killed, or the first of a tail
    }
  }
}
