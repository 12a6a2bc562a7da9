package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.TerminalLine;
import dev.millrace.terminal.Window;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows how a study goes: on a terminal one line that is drawn over, elsewhere a plain line per
 * event and one per minute. Thread-safe.
 */
final class ProgressBoard {
  private static final long LINE_NANOS = 60_000_000_000L;

  private final PrintStream to;
  private final boolean terminal;
  private final TerminalLine line;
  private final String name;
  private final int planned;
  private final Map<String, JsonNode> running = new LinkedHashMap<>();
  private int done;
  private int failed;
  private TimeLeft left = TimeLeft.unknown();
  private String latest;
  private long at;

  /**
   * @param to where to write
   * @param terminal whether that is one
   * @param window of the terminal
   * @param name the study's
   * @param planned its runs
   */
  ProgressBoard(PrintStream to, boolean terminal, Window window, String name, int planned) {
    this.to = to;
    this.terminal = terminal;
    line = new TerminalLine(to, window);
    this.name = name;
    this.planned = planned;
    at = System.nanoTime();
  }

  /** Updates the counts and the estimate shown. */
  synchronized void counts(int doneNow, int failedNow, TimeLeft leftNow) {
    done = doneNow;
    failed = failedNow;
    left = leftNow;
  }

  /** A process was started. */
  synchronized void started(String run) {
    running.put(run, null);
    latest = run;
    if (!terminal) {
      to.println("started: " + run);
    }
    draw();
  }

  /** A process reported its progress. */
  synchronized void progress(String run, JsonNode reported) {
    running.replace(run, reported);
    latest = run;
    draw();
  }

  /** A process ended. */
  synchronized void ended(String run) {
    running.remove(run);
  }

  /** Prints lines that stay above the board. */
  synchronized void say(String first, String... more) {
    line.clear();
    to.println(first);
    List.of(more).forEach(to::println);
    draw();
  }

  /** The last of it: what stands is wiped away. */
  synchronized void close() {
    line.clear();
    to.flush();
  }

  /** A line per minute where there is no terminal; called often. */
  synchronized void tick() {
    if (terminal) {
      draw();
    } else if (System.nanoTime() - at > LINE_NANOS) {
      at = System.nanoTime();
      to.println("study " + name + ": " + counted());
      running.forEach((run, reported) -> to.println("  " + row(run, reported)));
    }
  }

  private void draw() {
    if (terminal) {
      String run =
          running.containsKey(latest) ? latest : running.keySet().stream().findFirst().orElse(null);
      line.show(counted() + (run == null ? "" : "; " + brief(run, running.get(run))));
    }
  }

  /** How far a run is comes before its name, whose end a narrow window cuts off. */
  private static String brief(String run, JsonNode reported) {
    return reported != null && reported.path("trained").asDouble() > 0
        ? Math.round(100 * reported.path("trained").asDouble()) + " % of " + run
        : row(run, reported);
  }

  /** {@code 7 of 60 runs done, 2 at work, about 40 s left}. */
  private String counted() {
    return done
        + " of "
        + Say.count(planned, "run")
        + " done"
        + (failed == 0 ? "" : ", " + failed + " failed")
        + (running.isEmpty() ? "" : ", " + running.size() + " at work")
        + left.words();
  }

  private static String row(String run, JsonNode reported) {
    if (reported == null) {
      return run + ": starting";
    }
    String trained =
        reported.has("trained")
            ? String.format(
                Locale.ROOT,
                ", %.0f %% trained, %.0f images/s",
                100 * reported.path("trained").asDouble(),
                reported.path("images_per_s").asDouble())
            : "";
    return run + ": " + reported.path("doing").asText() + trained;
  }
}
