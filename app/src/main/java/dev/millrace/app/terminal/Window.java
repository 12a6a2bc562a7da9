package dev.millrace.app.terminal;

import java.io.PrintStream;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/**
 * A terminal's window: lines that are drawn over must fit its width, since one that wraps takes two
 * and would leave one standing.
 *
 * @param columns how wide it is now
 */
public record Window(IntSupplier columns) {
  private static final int LEAST = 20;

  /** The window of a stream; 80 columns where it is none. */
  public static Window of(PrintStream to) {
    return new Window(new ConsoleProgressBarConsumer(to)::getMaxRenderedLength);
  }

  /** A line that fits: its end is cut off where the window is narrow. */
  public String cut(String line) {
    int room = Math.max(LEAST, columns.getAsInt());
    return line.length() <= room ? line : line.substring(0, room - 1) + "…";
  }
}
