package dev.millrace.app;

import dev.millrace.learn.run.RunEvent;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows a run's progress: a bar on a terminal, otherwise plain lines every ten seconds and at the
 * ends of chunks. Changes nothing of the run. Not thread-safe; the training thread calls it.
 */
final class Progress implements RunEvent.Listener, AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int LISTED = 5;

  private final PrintStream to;
  private final boolean bars;
  private ProgressBar bar;
  private RunEvent.ChunkOpened open;
  private double loss = Double.NaN;
  private double rate = Double.NaN;
  private long lineAt = System.nanoTime();

  /**
   * @param to where to write
   * @param bars whether that is a terminal
   */
  Progress(PrintStream to, boolean bars) {
    this.to = to;
    this.bars = bars;
  }

  /** On stderr, so that stdout holds nothing but the result. */
  static Progress onStderr() {
    return new Progress(System.err, terminal());
  }

  /** Whether stderr is a terminal that can draw over its lines. */
  static boolean terminal() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      // Where the system tells, ask about stderr itself: stdout often goes elsewhere.
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null && System.getenv("TERM") != null;
    }
  }

  @Override
  public void on(RunEvent event) {
    if (event instanceof RunEvent.ChunkOpened opened) {
      opened(opened);
    } else if (event instanceof RunEvent.Quarantined quarantined) {
      quarantined(quarantined);
    } else if (event instanceof RunEvent.Stepped stepped) {
      stepped(stepped);
    } else if (event instanceof RunEvent.HealthChecked checked) {
      checked(checked);
    } else if (event instanceof RunEvent.ChunkLearned learned) {
      close();
      to.printf(
          Locale.ROOT,
          "chunk %d (%s) learned, loss %.4f%n",
          learned.chunk().index() + 1,
          learned.chunk().name(),
          loss);
    }
    // A checkpoint is routine: nobody needs a line about it.
  }

  private void opened(RunEvent.ChunkOpened opened) {
    close();
    open = opened;
    to.printf(
        "chunk %d of %d (%s): %d pictures%s, %d epochs of %d steps%n",
        opened.chunk().index() + 1,
        opened.chunks(),
        opened.chunk().name(),
        opened.good(),
        opened.replayed() > 0 ? " and " + opened.replayed() + " replayed" : "",
        opened.epochs(),
        opened.stepsPerEpoch());
    if (bars) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("chunk %d/%d".formatted(opened.chunk().index() + 1, opened.chunks()))
              .setInitialMax((long) opened.epochs() * opened.stepsPerEpoch())
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setConsumer(new ConsoleProgressBarConsumer(to))
              .build();
    }
  }

  private void quarantined(RunEvent.Quarantined event) {
    to.printf(
        "chunk %d: %d pictures cannot be decoded and are left out (all are in quarantine.jsonl):%n",
        event.chunk().index() + 1, event.bad().size());
    for (PictureCheck.Bad bad : event.bad().subList(0, Math.min(LISTED, event.bad().size()))) {
      to.printf("  %s: %s%n", bad.id(), bad.reason());
    }
  }

  /** A few words at a chunk's end; a collapse is told whenever it is seen. */
  private void checked(RunEvent.HealthChecked health) {
    String found =
        String.format(
            Locale.ROOT,
            "effective rank %.1f, variance %.4f",
            health.effectiveRank(),
            health.variance());
    if (health.collapsed()) {
      to.printf(
          "%nALARM: in epoch %d of chunk %d the features have collapsed (%s): the encoder tells pictures apart no more; stop, and try a lower --lr or more --queue%n",
          health.epoch() + 1, health.chunk() + 1, found);
    } else if (open != null && health.epoch() + 1 == open.epochs()) {
      to.printf("chunk %d: features alive, %s%n", health.chunk() + 1, found);
    }
  }

  private void stepped(RunEvent.Stepped step) {
    loss = smooth(loss, step.loss());
    rate = smooth(rate, step.pictures() / Math.max(1e-9, step.seconds()));
    if (open == null) {
      return;
    }
    // After a chunk's last step the position may stand at the next epoch or the next chunk.
    long total = (long) open.epochs() * open.stepsPerEpoch();
    long made =
        step.position().chunk() > step.chunk()
            ? total
            : (long) step.position().epoch() * open.stepsPerEpoch() + step.position().step();
    String left = left(total - made, step.pictures());
    if (bar != null) {
      bar.stepTo(made);
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " epoch %d/%d, %.0f images/s, loss %.3f, %s left",
              step.epoch() + 1,
              open.epochs(),
              rate,
              loss,
              left));
    } else if (System.nanoTime() - lineAt >= LINE_NANOS) {
      lineAt = System.nanoTime();
      to.printf(
          Locale.ROOT,
          "chunk %d/%d, epoch %d/%d, step %d/%d, %.0f images/s, loss %.3f, %s left%n",
          step.chunk() + 1,
          open.chunks(),
          step.epoch() + 1,
          open.epochs(),
          made,
          total,
          rate,
          loss,
          left);
    }
  }

  /** Time left of the whole run, taking later chunks to be as large as this one. */
  private String left(long steps, int pictures) {
    long chunksAfter = open.chunks() - open.chunk().index() - 1L;
    long all = steps + chunksAfter * open.epochs() * open.stepsPerEpoch();
    Duration time = Duration.ofSeconds((long) (all * (double) pictures / rate));
    return time.toHours() > 0
        ? time.toHours() + " h " + time.toMinutesPart() + " min"
        : time.toMinutes() > 0
            ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
            : time.toSeconds() + " s";
  }

  private static double smooth(double before, double now) {
    return Double.isNaN(before) ? now : 0.95 * before + 0.05 * now;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
