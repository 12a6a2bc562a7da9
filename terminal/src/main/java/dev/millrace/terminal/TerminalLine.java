package dev.millrace.terminal;

import java.io.PrintStream;

/**
 * One line of a terminal that is drawn over again and again, never wider than the window. Not
 * thread-safe.
 */
public final class TerminalLine {
  private static final long DRAW_NANOS = 100_000_000L;
  private static final String CLEAR = "\r\u001b[K";

  private final PrintStream to;
  private final Window window;
  private boolean drawn;
  private long at;

  /**
   * @param to a terminal
   * @param window the terminal's
   */
  public TerminalLine(PrintStream to, Window window) {
    this.to = to;
    this.window = window;
  }

  /** A line on a terminal, as wide as its window. */
  public static TerminalLine on(PrintStream to) {
    return new TerminalLine(to, Window.of(to));
  }

  /**
   * Draws the line, ten times per second at most.
   *
   * @param words what matters most comes first: the end is cut off where the window is narrow
   */
  public void show(String words) {
    long now = System.nanoTime();
    if (drawn && now - at < DRAW_NANOS) {
      return;
    }
    at = now;
    drawn = true;
    to.print(CLEAR + window.cut(words));
    to.flush();
  }

  /** Wipes the line, so that others can be printed. */
  public void clear() {
    if (drawn) {
      to.print(CLEAR);
      to.flush();
      drawn = false;
    }
  }
}
