package dev.millrace.app;

import dev.millrace.exchange.embed.Embedding;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how an embedding goes on: a bar on a terminal, otherwise a line every ten seconds. Not
 * thread-safe; the embedding's thread calls it.
 */
final class EmbedProgress implements Embedding.Listener, AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream to;
  private final boolean bars;
  private final BooleanSupplier stop;
  private ProgressBar bar;
  private int pictures = -1;
  private int of;
  private int began;
  private long beganAt;
  private long lineAt;

  /**
   * @param to where progress is written
   * @param bars whether that is a terminal
   * @param stop whether a stop was asked for
   */
  EmbedProgress(PrintStream to, boolean bars, BooleanSupplier stop) {
    this.to = to;
    this.bars = bars;
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
    if (done == began || bar == null && now - lineAt < LINE_NANOS) {
      return;
    }
    double rate = (done - began) / ((now - beganAt) * 1e-9);
    String words =
        String.format(
            Locale.ROOT,
            "%.0f images/s, %s%s left",
            rate,
            bad == 0 ? "" : bad + " left out, ",
            left((long) ((all - done) / rate)));
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(" " + words);
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
    to.printf("%s%d pictures%n", done == 0 ? "" : "going on after " + done + " of ", all);
    if (bars) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("embed")
              .setInitialMax(all)
              .startsFrom(done, Duration.ZERO)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setConsumer(new ConsoleProgressBarConsumer(to))
              .build();
    }
  }

  private static String left(long seconds) {
    return seconds >= 3600
        ? seconds / 3600 + " h " + seconds / 60 % 60 + " min"
        : seconds >= 60 ? seconds / 60 + " min " + seconds % 60 + " s" : seconds + " s";
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
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
