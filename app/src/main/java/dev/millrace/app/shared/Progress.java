package dev.millrace.app.shared;

import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.TerminalLine;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Shows a run's progress: one line drawn over itself on a terminal, otherwise plain lines every ten
 * seconds and at the ends of chunks. Chunks are counted from 1, as people do. Changes nothing of
 * the run. Not thread-safe; the training thread calls it.
 */
public final class Progress implements RunEvent.Listener, AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int LISTED = 5;

  private final PrintStream to;
  private final TerminalLine line;
  private RunEvent.ChunkOpened open;
  private int epoch = -1;
  private int steps;
  private double lossOfEpoch;
  private double rate = Double.NaN;
  private long lineAt = System.nanoTime();

  /**
   * @param to where to write
   * @param line the terminal's line to draw over; null where that is no terminal
   */
  Progress(PrintStream to, TerminalLine line) {
    this.to = to;
    this.line = line;
  }

  /** On stderr, so that stdout holds nothing but the result. */
  public static Progress onStderr() {
    return new Progress(System.err, terminal() ? TerminalLine.on(System.err) : null);
  }

  /** Whether stderr is a terminal that can draw over its lines. */
  public static boolean terminal() {
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
    if (event instanceof RunEvent.ThreadsChosen chosen) {
      Say.threads(chosen.choice(), to);
    } else if (event instanceof RunEvent.ChunkOpened opened) {
      opened(opened);
    } else if (event instanceof RunEvent.Quarantined quarantined) {
      quarantined(quarantined);
    } else if (event instanceof RunEvent.SeenBefore seen) {
      close();
      to.println(words(seen));
    } else if (event instanceof RunEvent.ChunkSkipped skipped) {
      close();
      to.printf(
          "chunk %d (%s) skipped: %d good pictures, and a step needs 2%n",
          skipped.chunk().index() + 1, skipped.chunk().name(), skipped.good());
    } else if (event instanceof RunEvent.Stepped stepped) {
      stepped(stepped);
    } else if (event instanceof RunEvent.HealthChecked checked) {
      checked(checked);
    } else if (event instanceof RunEvent.KnnMeasured knn) {
      close();
      to.printf(
          Locale.ROOT,
          "chunk %d, epoch %d: kNN %.1f %% on %s (chance %.1f; %s%s)%n",
          knn.chunk() + 1,
          knn.epoch() + 1,
          knn.accuracy(),
          knn.set(),
          knn.chance(),
          Say.count(knn.judged(), "picture"),
          knn.trunk() ? "; of the weights that learn on, not of what the chunk publishes" : "");
    } else if (event instanceof RunEvent.ChunkLearned learned) {
      close();
      to.printf(
          "chunk %d (%s) learned, loss %s in its last epoch%n",
          learned.chunk().index() + 1, learned.chunk().name(), Say.loss(loss()));
    } else if (event instanceof RunEvent.TrunkGoesOn trunk) {
      close();
      to.printf(
          "chunk %d: the trunk makes its last %s itself, at the constant rate%n",
          trunk.chunk().index() + 1, Say.count(trunk.steps(), "step"));
      epoch = -1;
    }
    // A checkpoint is routine: nobody needs a line about it.
  }

  private void opened(RunEvent.ChunkOpened opened) {
    close();
    open = opened;
    epoch = -1;
    to.printf(
        "chunk %d of %d (%s): %s%s, %s of %s%n",
        opened.chunk().index() + 1,
        opened.chunks(),
        opened.chunk().name(),
        Say.count(opened.good(), "picture"),
        opened.replayed() > 0 ? " and " + opened.replayed() + " replayed" : "",
        Say.count(opened.epochs(), "epoch"),
        Say.count(opened.stepsPerEpoch(), "step"));
  }

  private static String words(RunEvent.SeenBefore event) {
    String where =
        event.firstChunk() == event.lastChunk()
            ? "chunk " + (event.firstChunk() + 1)
            : "chunks %d to %d".formatted(event.firstChunk() + 1, event.lastChunk() + 1);
    String set = event.chunk().name();
    if (!event.leftOut()) {
      return "%d of the %s of %s were learned in %s and are learned again; --new-only leaves them out"
          .formatted(event.seen(), Say.count(event.pictures(), "picture"), set, where);
    }
    int fresh = event.pictures() - event.seen();
    return fresh == 0
        ? "no picture of %s is new, all %d were learned in %s: the run stays as it is"
            .formatted(set, event.seen(), where)
        : "%d of the %s of %s are new; the others were learned in %s"
            .formatted(fresh, Say.count(event.pictures(), "picture"), set, where);
  }

  private void quarantined(RunEvent.Quarantined event) {
    close();
    to.printf(
        "chunk %d: %s %s left out as undecodable (all are in quarantine.jsonl):%n",
        event.chunk().index() + 1,
        Say.count(event.bad().size(), "picture"),
        event.bad().size() == 1 ? "is" : "are");
    for (PictureCheck.Bad bad : event.bad().subList(0, Math.min(LISTED, event.bad().size()))) {
      to.printf("  %s: %s%n", bad.id(), bad.reason());
    }
  }

  /** A few words at a chunk's end; a collapse is reported whenever it is seen. */
  private void checked(RunEvent.HealthChecked health) {
    String found =
        String.format(
            Locale.ROOT,
            "effective rank %.1f, variance %.4f",
            health.effectiveRank(),
            health.variance());
    if (health.collapsed()) {
      close();
      to.printf(
          "ALARM: in epoch %d of chunk %d the features have collapsed %s; stop, and try %sa lower --lr or a longer --warmup%n",
          health.epoch() + 1,
          health.chunk() + 1,
          health.collapse(),
          health.advice().isEmpty() ? "" : health.advice() + "; else ");
    } else if (open != null && health.epoch() + 1 == open.epochs()) {
      close();
      to.printf("chunk %d: features alive, %s%n", health.chunk() + 1, found);
    }
  }

  private void stepped(RunEvent.Stepped step) {
    if (step.epoch() != epoch) {
      epoch = step.epoch();
      steps = 0;
      lossOfEpoch = 0;
    }
    steps++;
    lossOfEpoch += step.loss();
    double now = step.pictures() / Math.max(1e-9, step.seconds());
    rate = Double.isNaN(rate) ? now : 0.95 * rate + 0.05 * now;
    if (open == null) {
      return;
    }
    // After a chunk's last step the position may stand at the next epoch or the next chunk.
    long total = (long) open.epochs() * open.stepsPerEpoch();
    long made =
        step.position().chunk() > step.chunk()
            ? total
            : (long) step.position().epoch() * open.stepsPerEpoch() + step.position().step();
    if (line != null) {
      line.show(words(step, made, total));
    } else if (System.nanoTime() - lineAt >= LINE_NANOS) {
      lineAt = System.nanoTime();
      to.println(words(step, made, total));
    }
  }

  /** Under 80 characters, what matters most first. */
  private String words(RunEvent.Stepped step, long made, long total) {
    return String.format(
        Locale.ROOT,
        "chunk %d/%d %2d %%, loss %s, %s left, %.0f images/s, epoch %d/%d, lr %s%s",
        step.chunk() + 1,
        open.chunks(),
        100 * made / Math.max(1, total),
        Say.loss(loss()),
        left(total - made, step.pictures()),
        rate,
        step.epoch() + 1,
        open.epochs(),
        new BigDecimal(step.lr()).round(new MathContext(2)).stripTrailingZeros(),
        step.part() == Position.Part.BRANCH
            ? " (branch)"
            : step.part() == Position.Part.REST ? " (rest)" : "");
  }

  /** Mean of the epoch so far: an average over more would lag behind, and hide how a loss moves. */
  private double loss() {
    return steps == 0 ? Double.NaN : lossOfEpoch / steps;
  }

  /** Time left of the whole run, taking later chunks to be as large as this one. */
  private String left(long stepsLeft, int pictures) {
    long chunksAfter = open.chunks() - open.chunk().index() - 1L;
    long all = stepsLeft + chunksAfter * open.epochs() * open.stepsPerEpoch();
    return Say.time(all * (double) pictures / rate);
  }

  @Override
  public void close() {
    if (line != null) {
      line.clear();
    }
  }
}
