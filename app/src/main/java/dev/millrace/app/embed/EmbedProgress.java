package dev.millrace.app.embed;

import dev.millrace.exchange.embed.Embedding;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.TerminalLine;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Shows the progress of an embedding: one line drawn over itself on a terminal, otherwise a line
 * every ten seconds. Not thread-safe; the embedding's thread calls it.
 */
final class EmbedProgress implements Embedding.Listener, AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream to;
  private final TerminalLine line;
  private final BooleanSupplier stop;
  private int pictures = -1;
  private int of;
  private int began;
  private long beganAt;
  private long lineAt;

  /**
   * @param to where progress is written
   * @param line the terminal's line to draw over; null where that is no terminal
   * @param stop whether a stop was requested
   */
  EmbedProgress(PrintStream to, TerminalLine line, BooleanSupplier stop) {
    this.to = to;
    this.line = line;
    this.stop = stop;
  }

  /** How many pictures are done. */
  int pictures() {
    return Math.max(0, pictures);
  }

  /** How many there are. */
  int of() {
    return of;
  }

  @Override
  public void embedded(int done, int all, long bad) {
    if (pictures < 0) {
      begin(done, all);
    }
    pictures = done;
    long now = System.nanoTime();
    if (done == began || line == null && now - lineAt < LINE_NANOS) {
      return;
    }
    double rate = (done - began) / ((now - beganAt) * 1e-9);
    String words =
        String.format(
            Locale.ROOT,
            "%.0f images/s, %s%s left",
            rate,
            bad == 0 ? "" : bad + " left out, ",
            Say.time((all - done) / rate));
    if (line != null) {
      line.show("%d of %d pictures, %s".formatted(done, all, words));
    } else {
      lineAt = now;
      to.printf("%d of %d pictures, %s%n", done, all, words);
    }
  }

  private void begin(int done, int all) {
    of = all;
    began = done;
    beganAt = System.nanoTime();
    lineAt = beganAt;
    to.printf(
        "%s%s%n", done == 0 ? "" : "continuing after " + done + " of ", Say.count(all, "picture"));
  }

  @Override
  public void refusing(long bad, int all) {
    to.printf(
        "%d of %d pictures cannot be decoded, which is too many; looking for the others of that kind%n",
        bad, all);
  }

  @Override
  public void writing(long rows) {
    close();
    to.printf("writing %d vectors%n", rows);
  }

  @Override
  public boolean stop() {
    return stop.getAsBoolean();
  }

  @Override
  public void close() {
    if (line != null) {
      line.clear();
    }
  }
}
