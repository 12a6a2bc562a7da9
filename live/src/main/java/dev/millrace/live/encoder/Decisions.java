package dev.millrace.live.encoder;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  /** Appends one. */
  public void add(Decision decision) throws IOException {
    AppendLog.add(file, JSON.writeValueAsString(decision) + "\n");
  }

  /** All decisions, the oldest first. */
  public List<Decision> all() throws IOException {
    List<Decision> all = new ArrayList<>();
    if (Files.exists(file)) {
      try {
        for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
          Decision decision = line.isBlank() ? null : read(line);
          if (decision != null) {
            all.add(decision);
          }
        }
      } catch (IOException | UncheckedIOException e) {
        throw Reason.named(
            file, e instanceof IOException io ? io : ((UncheckedIOException) e).getCause());
      }
    }
    return all;
  }

  private static Decision read(String line) {
    try {
      return JSON.readValue(line, Decision.class);
    } catch (JacksonException e) {
      return null; // half a line of a process that was killed
    }
  }
}
