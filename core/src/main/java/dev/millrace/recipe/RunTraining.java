package dev.millrace.recipe;

import dev.millrace.engine.Compute;
import dev.millrace.file.Sha256;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Trains a run from where it stands to its end. Chunks of the same threads and device are trained
 * by one wiring; the next begins from the checkpoint at their end, as a resumed run does.
 */
final class RunTraining {
  private final RunDirectory directory;
  private final Settings settings;
  private final RunChunks chunks;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;
  private final Rendezvous rendezvous;

  RunTraining(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop) {
    this.rendezvous = rendezvous;
    this.directory = directory;
    this.settings = settings;
    this.chunks = chunks;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Every part for a run's first step. Where a rank is lost before all have met, they meet anew, as
   * often as the rendezvous lets them.
   */
  Wiring begun() throws IOException {
    while (true) {
      try {
        return wired(0);
      } catch (LostRankException lost) {
        rendezvous.again(lost);
      }
    }
  }

  /** Every part, for the threads and the device of a chunk. */
  private Wiring wired(int chunk) throws IOException {
    return new Wiring(
        directory,
        settings,
        chunks,
        Math.min(chunk, chunks.count() - 1),
        rendezvous,
        listener,
        stop);
  }

  /** Goes on from the last checkpoint; of a finished run it only says how it ended. */
  Millrace.Outcome outcome() throws IOException {
    return outcome(null);
  }

  /**
   * Like {@link #outcome()}, with parts that are wired already, and are closed by this. Where a
   * rank is lost, it goes on from the last checkpoint as often as the rendezvous lets it.
   */
  Millrace.Outcome outcome(Wiring first) throws IOException {
    long began = System.nanoTime();
    Wiring next = first;
    while (true) {
      try {
        End end = trained(next);
        double seconds = (System.nanoTime() - began) * 1e-9;
        return end.stopped
            ? stopped(end.from, end.to, seconds)
            : finished(end.from, end.to, seconds);
      } catch (LostRankException lost) {
        rendezvous.again(lost);
        next = null;
      }
    }
  }

  /**
   * Trains to the end of the stream, or to a stop; {@link #outcome} is for whoever keeps the run.
   */
  boolean trained() throws IOException {
    return !trained(null).stopped;
  }

  private record End(Position from, Position to, boolean stopped) {}

  private End trained(Wiring first) throws IOException {
    Position from = null;
    Position to;
    boolean stopped;
    Wiring next = first == null ? wired(Wiring.next(directory, settings, chunks).chunk()) : first;
    do {
      try (Wiring wiring = next) {
        Position at = wiring.restore();
        from = from == null ? at : from;
        Pretraining pretraining = wiring.pretraining();
        int until = ChunkSettings.until(settings, at.chunk(), chunks.count());
        stopped = pretraining.run(until) == Pretraining.End.STOPPED;
        to = pretraining.position();
        if (!stopped && to.learned() == chunks.count()) {
          wiring.publish();
        }
      }
      next = stopped || to.learned() == chunks.count() ? null : wired(to.chunk());
    } while (next != null);
    Compute.trim();
    return new End(from, to, stopped);
  }

  private Millrace.Outcome stopped(Position from, Position to, double seconds) {
    return new Millrace.Outcome(
        directory.root(),
        true,
        chunks.count(),
        chunks.classes().size(),
        to.total(),
        to.passes(),
        seconds,
        (to.passes() - from.passes()) / seconds,
        null,
        null);
  }

  private Millrace.Outcome finished(Position from, Position to, double seconds) throws IOException {
    RunFiles.Finish finish = RunFiles.finish(directory);
    if (finish == null) {
      finish = new RunFiles.Finish(seconds, (to.passes() - from.passes()) / seconds);
      RunFiles.write(directory, finish);
    }
    return new Millrace.Outcome(
        directory.root(),
        false,
        chunks.count(),
        chunks.classes().size(),
        to.total(),
        to.passes(),
        finish.seconds(),
        finish.imagesPerSecond(),
        directory.encoder(),
        Sha256.of(directory.encoder()));
  }
}
