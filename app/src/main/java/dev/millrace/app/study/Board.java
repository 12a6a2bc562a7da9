package dev.millrace.app.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.app.terminal.Say;
import dev.millrace.app.terminal.Window;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows how a study goes: on a terminal a block of lines that is drawn over, elsewhere a plain line
 * an event and one a minute. Thread-safe.
 */
final class Board {
  private static final long DRAW_NANOS = 250_000_000L;
  private static final long LINE_NANOS = 60_000_000_000L;
  private static final String UP = "\u001b[%dA";
  private static final String CLEAR = "\u001b[J";

  private final PrintStream to;
  private final boolean terminal;
  private final Window window;
  private final String name;
  private final int planned;
  private final Map<String, JsonNode> running = new LinkedHashMap<>();
  private int done;
  private int failed;
  private Double secondsLeft;
  private int drawn;
  private long at;

  /**
   * @param to where to write
   * @param terminal whether that is one
   * @param name the study's
   * @param planned its runs
   */
  Board(PrintStream to, boolean terminal, String name, int planned) {
    this.to = to;
    this.terminal = terminal;
    window = Window.of(to);
    this.name = name;
    this.planned = planned;
    at = System.nanoTime();
  }

  /** Updates the counts and the estimate shown. */
  synchronized void counts(int doneNow, int failedNow, Double left) {
    done = doneNow;
    failed = failedNow;
    secondsLeft = left;
  }

  /** A process was started. */
  synchronized void started(String run) {
    running.put(run, null);
    if (!terminal) {
      to.println("started: " + run);
    }
    draw(true);
  }

  /** A process told of its progress. */
  synchronized void progress(String run, JsonNode line) {
    running.replace(run, line);
    draw(false);
  }

  /** A process ended. */
  synchronized void ended(String run) {
    running.remove(run);
  }

  /** Prints lines that stay above the board. */
  synchronized void say(String first, String... more) {
    wipe();
    to.println(first);
    List.of(more).forEach(to::println);
    draw(true);
  }

  /** The last of it: what stands is wiped away. */
  synchronized void close() {
    wipe();
    to.flush();
  }

  /** A line a minute where there is no terminal; called often. */
  synchronized void tick() {
    if (terminal) {
      draw(false);
    } else if (System.nanoTime() - at > LINE_NANOS) {
      at = System.nanoTime();
      to.println(headline());
      running.forEach((run, line) -> to.println("  " + row(run, line)));
    }
  }

  private void draw(boolean now) {
    if (!terminal || !now && System.nanoTime() - at < DRAW_NANOS) {
      return;
    }
    at = System.nanoTime();
    StringBuilder block = new StringBuilder();
    block.append(window.cut(headline())).append(System.lineSeparator());
    running.forEach(
        (run, line) ->
            block.append(window.cut("  " + row(run, line))).append(System.lineSeparator()));
    wipe();
    to.print(block);
    to.flush();
    drawn = 1 + running.size();
  }

  private void wipe() {
    if (drawn > 0) {
      to.printf(UP, drawn);
      to.print(CLEAR);
      drawn = 0;
    }
  }

  private String headline() {
    return "study %s: %d of %d done, %d failed, %d running%s"
        .formatted(
            name,
            done,
            planned,
            failed,
            running.size(),
            secondsLeft == null ? "" : ", about " + Say.time(secondsLeft) + " left");
  }

  private static String row(String run, JsonNode line) {
    if (line == null) {
      return run + ": starting";
    }
    String trained =
        line.has("trained")
            ? String.format(
                Locale.ROOT,
                ", %.0f %% trained, %.0f images/s",
                100 * line.path("trained").asDouble(),
                line.path("images_per_s").asDouble())
            : "";
    return run + ": " + line.path("doing").asText() + trained;
  }
}
