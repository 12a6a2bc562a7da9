package dev.millrace.app.train;

import dev.millrace.app.shared.Progress;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.terminal.Say;
import dev.millrace.terminal.TerminalLine;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Shows how far the demo's runs are, which go on side by side: one line drawn over itself on a
 * terminal, else a line every ten seconds, and a line at the end of every chunk. Thread-safe.
 */
final class DemoProgress implements AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream to;
  private final TerminalLine line;
  private final Map<String, Double> shares = new LinkedHashMap<>();
  private long lineAt = System.nanoTime();

  /**
   * @param to where to write
   * @param line the terminal's line to draw over; null where that is no terminal
   */
  DemoProgress(PrintStream to, TerminalLine line) {
    this.to = to;
    this.line = line;
    DemoPlan.RUNS.forEach(run -> shares.put(run, 0.0));
  }

  /** On stderr, so that stdout holds nothing but the result. */
  static DemoProgress onStderr() {
    return new DemoProgress(System.err, Progress.terminal() ? TerminalLine.on(System.err) : null);
  }

  /** Listens to one of the runs. */
  RunEvent.Listener of(String run) {
    return new OfRun(run);
  }

  private final class OfRun implements RunEvent.Listener {
    private final String run;
    private RunEvent.ChunkOpened open;
    private double loss;

    private OfRun(String run) {
      this.run = run;
    }

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.ChunkOpened opened) {
        open = opened;
      } else if (event instanceof RunEvent.Stepped stepped && open != null) {
        double steps = (double) open.epochs() * open.stepsPerEpoch();
        boolean over = stepped.position().chunk() > stepped.chunk();
        double made =
            over
                ? steps
                : stepped.position().epoch() * (double) open.stepsPerEpoch()
                    + stepped.position().step();
        loss = stepped.loss();
        show(run, (stepped.chunk() + made / steps) / open.chunks());
      } else if (event instanceof RunEvent.ChunkLearned learned && open != null) {
        say(
            "%s: chunk %d of %d learned, last loss %s"
                .formatted(run, learned.chunk().index() + 1, open.chunks(), Say.loss(loss)));
      }
    }
  }

  private synchronized void show(String run, double share) {
    shares.put(run, share);
    boolean due = System.nanoTime() - lineAt >= LINE_NANOS;
    if (line == null && !due) {
      return;
    }
    String words =
        shares.entrySet().stream()
            .map(of -> String.format(Locale.ROOT, "%s %.0f %%", of.getKey(), 100 * of.getValue()))
            .collect(Collectors.joining(", "));
    if (line != null) {
      line.show(words);
    } else {
      lineAt = System.nanoTime();
      to.println(words);
    }
  }

  /** A line that stays. */
  synchronized void say(String words) {
    if (line != null) {
      line.clear();
    }
    to.println(words);
  }

  @Override
  public synchronized void close() {
    if (line != null) {
      line.clear();
    }
  }
}
