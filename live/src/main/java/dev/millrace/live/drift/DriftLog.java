package dev.millrace.live.drift;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AppendLog;
import dev.millrace.live.LiveFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What drift rules found in a live run, a line per window; it only grows. A process that is started
 * again looks at the open chunk once more, with nothing to compare with at first: what it writes
 * stands for the lines of before from that picture on. Thread-safe.
 *
 * @param file {@code drift.jsonl}; missing, it is empty
 */
public record DriftLog(Path file) {
  private static final int TAIL = 1 << 17;

  /**
   * A window that was compared with the pictures before it. Immutable.
   *
   * @param at when, ISO 8601 in UTC
   * @param chunk that was open, from 1
   * @param picture number of its last picture, as the account counts them
   * @param score p-value, in (0, 1]
   * @param threshold p-value at or below which there is an alarm
   * @param alarm whether there was one
   * @param version of the encoder that looked
   */
  @JsonIgnoreProperties(ignoreUnknown = true) // of a later build
  public record Window(
      String at,
      int chunk,
      long picture,
      double score,
      double threshold,
      boolean alarm,
      int version) {}

  /** That of a live run. */
  public static DriftLog of(LiveFolder live) {
    return new DriftLog(live.drift());
  }

  /** Appends a window. */
  public void add(Window window) throws IOException {
    AppendLog.add(file, JSON.writeValueAsString(window) + "\n");
  }

  /**
   * The last windows, in the order of their pictures: some hundred at most, whatever the length.
   *
   * @throws IOException if the file cannot be read
   */
  public List<Window> last() throws IOException {
    List<Window> last = new ArrayList<>();
    for (String line : AppendLog.tail(file, TAIL).split("\n", -1)) {
      Window window = line.isBlank() ? null : read(line);
      if (window != null) {
        while (!last.isEmpty() && last.get(last.size() - 1).picture() >= window.picture()) {
          last.remove(last.size() - 1);
        }
        last.add(window);
      }
    }
    return last;
  }

  private static Window read(String line) {
    try {
      return JSON.readValue(line, Window.class);
    } catch (JacksonException e) {
      return null; // the first line of the tail is a part of one, as may be that of a kill
    }
  }
}
