package dev.millrace.terminal;

import dev.millrace.file.Printable;
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

  /** One line that fits, made printable: its end is cut off where the window is narrow. */
  public String cut(String line) {
    int room = Math.max(LEAST, columns.getAsInt());
    String one = Printable.of(line);
    return one.length() <= room ? one : one.substring(0, room - 1) + "…";
  }
}
