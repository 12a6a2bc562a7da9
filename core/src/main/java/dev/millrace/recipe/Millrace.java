package dev.millrace.recipe;

import dev.millrace.file.Sha256;
import dev.millrace.learn.run.DecodeCheck;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The way in from Java: pre-train an encoder on a stream, resume after anything, extend when new
 * data arrives. Every call works in a run directory that the command reads as well. Calls on
 * different runs may go on side by side, but share the process's native thread count.
 */
public final class Millrace {
  /**
   * How a call ended.
   *
   * @param run the run's directory
   * @param stopped whether a stop was asked for; the run can be resumed
   * @param chunks chunks of the stream
   * @param steps steps made since the run began, over all calls
   * @param imagePasses pictures drawn since the run began, over all calls
   * @param seconds wall time of this call
   * @param imagesPerSecond pictures a second of this call; 0 when it made no step
   * @param encoder the finished encoder; null when stopped
   * @param encoderSha256 its checksum; null when stopped
   */
  public record Outcome(
      Path run,
      boolean stopped,
      int chunks,
      long steps,
      long imagePasses,
      double seconds,
      double imagesPerSecond,
      Path encoder,
      String encoderSha256) {}

  private Millrace() {}

  /** Pre-trains on a stream, in a new directory, saying nothing. */
  public static Outcome pretrain(Settings settings, Path out) throws IOException {
    return pretrain(settings, out, event -> {}, () -> false);
  }

  /**
   * Pre-trains on a stream, in a new directory.
   *
   * @param listener told of every step, on the calling thread
   * @param stop asked after every step, and by several threads while pictures are checked; true
   *     ends the call at a checkpoint
   * @throws IllegalArgumentException if the settings do not fit the data, or {@code out} exists
   * @throws IOException if data cannot be read or a file not be written
   */
  public static Outcome pretrain(
      Settings settings, Path out, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    // Weights and data are looked at before the directory is made, so that a refusal leaves nothing
    // behind.
    InitialWeights init = InitialWeights.of(settings);
    RunChunks chunks = RunChunks.plan(settings);
    Settings resolved = PartSettings.resolved(settings).with("chunks", chunks.count());
    PartSettings.check(resolved, chunks);
    try (RunDirectory directory = RunDirectory.create(out)) {
      if (init != null) {
        resolved = init.in(resolved);
        init.keep(directory, resolved);
      }
      RunFiles.write(directory, resolved, chunks);
      return go(directory, resolved, chunks, listener, stop);
    }
  }

  /** Continues a run from its last checkpoint; on a finished run it only reports. */
  public static Outcome resume(Path run, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(directory.root());
      return go(directory, settings, RunFiles.chunks(directory, settings), listener, stop);
    }
  }

  /**
   * New data arrived: appends a set as one more chunk to a finished run and learns it.
   *
   * @throws IllegalArgumentException if the run is not finished, or cannot take the set
   */
  public static Outcome extend(
      Path run, String set, RunEvent.Listener listener, BooleanSupplier stop) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(directory.root());
      RunChunks chunks = RunFiles.chunks(directory, settings);
      if (!java.nio.file.Files.exists(directory.encoder())) {
        throw new IllegalArgumentException(
            run
                + " is not finished; finish it with `millrace resume "
                + run
                + "` before you extend it");
      }
      boolean given = settings.stream().equals("given");
      List<String> sets = new ArrayList<>(given ? settings.data() : settings.extensions());
      sets.add(set);
      Settings longer =
          settings.with(
              Map.of(given ? "data" : "extensions", sets, "chunks", settings.chunks() + 1));
      RunChunks more = chunks.extended(longer, set);
      // All that can be refused is refused now, while the run is still a finished one.
      PartSettings.device(settings).require();
      int last = more.count() - 1;
      try (RunLog log = new RunLog(directory)) {
        DecodeCheck.good(
            more.open(last),
            directory.root(),
            PartSettings.plan(longer),
            event -> {
              log.on(event);
              listener.on(event);
            },
            () -> false);
      }
      // The encoder goes first: until the new chunk is learned the run is unfinished, after any
      // kill.
      directory.seal().drop(directory.encoder(), directory.finish());
      java.nio.file.Files.delete(directory.encoder());
      java.nio.file.Files.deleteIfExists(directory.finish());
      RunFiles.write(directory, longer, more);
      return go(directory, longer, more, listener, stop);
    }
  }

  private static Outcome go(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    long began = System.nanoTime();
    try (Wiring wiring = new Wiring(directory, settings, chunks, listener, stop)) {
      Pretraining pretraining = wiring.pretraining();
      Position from = wiring.restore();
      boolean stopped = pretraining.run() == Pretraining.End.STOPPED;
      Position to = pretraining.position();
      double seconds = (System.nanoTime() - began) * 1e-9;
      if (stopped) {
        return new Outcome(
            directory.root(),
            true,
            chunks.count(),
            to.total(),
            to.passes(),
            seconds,
            (to.passes() - from.passes()) / seconds,
            null,
            null);
      }
      wiring.publish();
      RunFiles.Finish finish = RunFiles.finish(directory);
      if (finish == null) {
        finish = new RunFiles.Finish(seconds, (to.passes() - from.passes()) / seconds);
        RunFiles.write(directory, finish);
      }
      return new Outcome(
          directory.root(),
          false,
          chunks.count(),
          to.total(),
          to.passes(),
          finish.seconds(),
          finish.imagesPerSecond(),
          directory.encoder(),
          Sha256.of(directory.encoder()));
    }
  }
}
