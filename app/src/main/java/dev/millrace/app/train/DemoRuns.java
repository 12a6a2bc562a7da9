package dev.millrace.app.train;

import dev.millrace.evaluation.ProbeListener;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.recipe.Millrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Trains the demo's runs, some at a time, and judges each as soon as it is there. No number depends
 * on how many go on at once. Not thread-safe.
 */
final class DemoRuns {
  /** A signal stopped a run. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Millrace.Outcome outcome;

    private StoppedException(Millrace.Outcome outcome) {
      super("stopped");
      this.outcome = outcome;
    }

    /** How the run ended that was stopped first. */
    Millrace.Outcome outcome() {
      return outcome;
    }
  }

  /**
   * A row of the table.
   *
   * @param after accuracy on the test pictures, in percent, after each chunk that was judged
   */
  record Row(String name, List<Double> after) {
    /** The accuracy in the end. */
    double end() {
      return after.get(after.size() - 1);
    }
  }

  private final DemoPlan plan;
  private final Path folder;
  private final DemoProgress progress;
  private final AtomicReference<Throwable> failed = new AtomicReference<>();
  private final BooleanSupplier stop;

  /**
   * @param folder where the runs' folders are made
   * @param stop asked after every step, by several threads
   */
  DemoRuns(DemoPlan plan, Path folder, DemoProgress progress, BooleanSupplier stop) {
    this.plan = plan;
    this.folder = folder;
    this.progress = progress;
    this.stop = () -> failed.get() != null || stop.getAsBoolean();
  }

  /**
   * Trains and judges.
   *
   * @param atOnce how many runs go on side by side
   * @return the rows of the table, from raw pixels to joint training
   * @throws StoppedException if a signal stopped a run
   */
  List<Row> rows(int atOnce) throws IOException {
    ExecutorService workers = Executors.newFixedThreadPool(atOnce);
    try {
      List<Future<List<Row>>> begun = new ArrayList<>();
      for (String run : DemoPlan.RUNS) {
        begun.add(workers.submit(() -> made(run)));
      }
      List<Row> rows = new ArrayList<>();
      for (Future<List<Row>> future : begun) {
        rows.addAll(outcome(future));
      }
      return rows;
    } finally {
      failed.compareAndSet(null, new CancellationException("over"));
      workers.shutdownNow();
      await(workers);
    }
  }

  private List<Row> made(String run) throws IOException {
    try {
      Millrace.Outcome outcome =
          Millrace.pretrain(plan.settings(run), folder.resolve(run), progress.of(run), stop);
      if (outcome.stopped()) {
        throw new StoppedException(outcome);
      }
      List<Row> rows = new ArrayList<>();
      if (run.equals("sequential")) {
        rows.add(judged("raw_pixels", outcome.run(), false, true));
        rows.add(judged("untrained", outcome.run(), true, false));
      }
      rows.add(judged(run, outcome.run(), false, false));
      return rows;
    } catch (IOException | RuntimeException | Error e) {
      // The others end; what is reported is why, and not that they did.
      failed.compareAndSet(null, e);
      throw e;
    }
  }

  private Row judged(String name, Path run, boolean untrained, boolean raw) throws IOException {
    ProbeRequest every =
        ProbeRequest.of(plan.set()).withTasks("linear").on(1, plan.device()).afterEveryChunk();
    ProbeRequest request =
        untrained
            ? every.with(ProbeRequest.Encoders.UNTRAINED)
            : raw ? every.with(ProbeRequest.Encoders.RAW_PIXELS) : every;
    ProbeListener listener =
        new ProbeListener() {
          @Override
          public boolean stop() {
            return stop.getAsBoolean();
          }
        };
    List<ProbeResult> results = Probing.probe(run, request, listener);
    return new Row(name, results.stream().map(ProbeResult::value).toList());
  }

  private List<Row> outcome(Future<List<Row>> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      Throwable first = failed.get();
      if (first instanceof IOException io) {
        throw io;
      } else if (first instanceof RuntimeException runtime) {
        throw runtime;
      } else if (first instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(first);
    }
  }

  /** Waits for runs that are ending at a checkpoint. */
  private static void await(ExecutorService workers) {
    boolean interrupted = false;
    while (true) {
      try {
        if (workers.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
