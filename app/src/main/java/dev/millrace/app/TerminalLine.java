package dev.millrace.app;

import java.io.PrintStream;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/**
 * One line of a terminal that is drawn over again and again, never wider than the window. Not
 * thread-safe.
 */
final class TerminalLine {
  private static final long DRAW_NANOS = 100_000_000L;
  private static final String CLEAR = "\r\u001b[K";

  private final PrintStream to;
  private final IntSupplier columns;
  private boolean drawn;
  private long at;

  /**
   * @param to a terminal
   * @param columns how wide its window is now
   */
  TerminalLine(PrintStream to, IntSupplier columns) {
    this.to = to;
    this.columns = columns;
  }

  /** A line on a terminal, as wide as its window. */
  static TerminalLine on(PrintStream to) {
    return new TerminalLine(to, new ConsoleProgressBarConsumer(to)::getMaxRenderedLength);
  }

  /**
   * Draws the line, ten times per second at most.
   *
   * @param words what matters most comes first: the end is cut off where the window is narrow
   */
  void show(String words) {
    long now = System.nanoTime();
    if (drawn && now - at < DRAW_NANOS) {
      return;
    }
    at = now;
    drawn = true;
    int room = Math.max(20, columns.getAsInt());
    to.print(CLEAR + (words.length() <= room ? words : words.substring(0, room - 1) + "…"));
    to.flush();
  }

  /** Wipes the line, so that others can be printed. */
  void clear() {
    if (drawn) {
      to.print(CLEAR);
      to.flush();
      drawn = false;
    }
  }
}
