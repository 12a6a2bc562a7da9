package dev.millrace.recipe;

import dev.millrace.engine.NativeCall;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The way in from Java: pre-train an encoder on a stream, resume after anything, extend when new
 * data arrives. Every call works in a run directory that the command reads as well. Thread-safe:
 * calls on different runs may go on side by side, but share the process's native thread count; of
 * two calls that write to one run the second is refused.
 *
 * <p>Calls that take a {@link Catalogue} learn from sets of the program's own as well: {@code
 * Catalogue.standard().with(set)} knows an {@link dev.millrace.stream.ImageSet}, and {@link
 * Catalogue#wordOf} gives the word for it in settings. The run notes that word; other calls, and
 * the command, refuse a run by it as soon as they need its pictures.
 */
public final class Millrace {
  /**
   * How a call ended.
   *
   * @param run the run's directory
   * @param stopped whether a stop was requested; the run can be resumed
   * @param chunks chunks of the stream
   * @param classes classes of the stream's pictures; 0 where they have no labels
   * @param steps steps made since the run began, over all calls
   * @param imagePasses pictures drawn since the run began, over all calls
   * @param seconds wall time of this call; of a run that was finished before it, that of the call
   *     which finished it
   * @param imagesPerSecond pictures per second of that same call; 0 when it made no step
   * @param encoder the finished encoder; null when stopped
   * @param encoderSha256 its checksum; null when stopped
   */
  public record Outcome(
      Path run,
      boolean stopped,
      int chunks,
      int classes,
      long steps,
      long imagePasses,
      double seconds,
      double imagesPerSecond,
      Path encoder,
      String encoderSha256) {}

  private Millrace() {}

  /**
   * Like {@link #pretrain(Settings, Path, RunEvent.Listener, BooleanSupplier)}, saying nothing; an
   * interrupt of the calling thread still ends it at a checkpoint.
   *
   * @throws IllegalArgumentException if the settings do not fit the data, or {@code out} exists
   * @throws IOException if data cannot be read or a file not be written
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   */
  public static Outcome pretrain(Settings settings, Path out) throws IOException {
    return pretrain(settings, out, event -> {}, () -> false);
  }

  /**
   * Pre-trains on a stream, in a new directory.
   *
   * @param listener hears of every step, on the calling thread
   * @param stop asked after every step, and by several threads while pictures are checked; true
   *     ends the call at a checkpoint, as does an interrupt of the calling thread, whose flag stays
   *     set, and the end of the process
   * @throws IllegalArgumentException if the settings do not fit the data, or {@code out} exists and
   *     is no run that was ended before its settings were written
   * @throws IOException if data cannot be read or a file not be written
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   * @throws CancellationException if a stop was requested before the run had a directory
   */
  public static Outcome pretrain(
      Settings settings, Path out, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return pretrain(settings, Catalogue.standard(), out, listener, stop);
  }

  /**
   * Like {@link #pretrain(Settings, Path, RunEvent.Listener, BooleanSupplier)}.
   *
   * @param catalogue opens the sets that the settings name
   */
  public static Outcome pretrain(
      Settings settings,
      Catalogue catalogue,
      Path out,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return pretrain(settings, catalogue, out, Rendezvous.alone(), listener, stop);
  }

  /**
   * Like {@link #pretrain(Settings, Catalogue, Path, RunEvent.Listener, BooleanSupplier)}, with the
   * steps shared out.
   *
   * @param rendezvous who makes them: as many processes as the settings name ranks, of which this
   *     is the first
   * @throws IllegalArgumentException if the settings do not fit the data or the processes, or
   *     {@code out} exists and is no run that was ended before its settings were written
   * @throws IOException if data cannot be read or a file not be written
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   * @throws CancellationException if a stop was requested before the run had a directory
   * @throws dev.millrace.learn.network.LostRankException if a process is gone and the rendezvous
   *     starts none in its place
   */
  public static Outcome pretrain(
      Settings settings,
      Catalogue catalogue,
      Path out,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call ->
            new Beginning(
                    settings,
                    catalogue,
                    out,
                    rendezvous,
                    call.reporting(RunEvent.Listener.class, listener),
                    call.or(stop))
                .outcome());
  }

  /**
   * Continues a run from its last checkpoint; on a finished run it only reports.
   *
   * @param listener hears of every step, on the calling thread
   * @param stop asked as in {@link #pretrain(Settings, Path, RunEvent.Listener, BooleanSupplier)}
   * @throws IllegalArgumentException if {@code run} is no run, or its data is not what it was
   * @throws IOException if data cannot be read or a file not be written, or another process works
   *     on the run
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   */
  public static Outcome resume(Path run, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return resume(run, Resumption.unchanged(), listener, stop);
  }

  /**
   * Like {@link #resume(Path, RunEvent.Listener, BooleanSupplier)}, with more bad pictures allowed
   * from now on.
   *
   * @param maxBad share of a chunk's pictures, not below what the run allows; null leaves it
   * @throws IllegalArgumentException if it is lower or no share
   */
  public static Outcome resume(
      Path run, Double maxBad, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return resume(
        run, Catalogue.standard(), Resumption.unchanged().withMaxBad(maxBad), listener, stop);
  }

  /**
   * Like {@link #resume(Path, RunEvent.Listener, BooleanSupplier)}, with the run kept otherwise
   * from now on.
   *
   * @throws IllegalArgumentException if the run cannot be kept so
   */
  public static Outcome resume(
      Path run, Resumption changes, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return resume(run, Catalogue.standard(), changes, listener, stop);
  }

  /**
   * Like {@link #resume(Path, Resumption, RunEvent.Listener, BooleanSupplier)}.
   *
   * @param catalogue opens the sets of the run; those of the program's own must be the same as when
   *     the run began
   */
  public static Outcome resume(
      Path run,
      Catalogue catalogue,
      Resumption changes,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return resume(run, catalogue, changes, Rendezvous.alone(), listener, stop);
  }

  /**
   * Like {@link #resume(Path, Catalogue, Resumption, RunEvent.Listener, BooleanSupplier)}, with the
   * steps shared out.
   *
   * @param rendezvous who makes them: as many processes as the changed settings name ranks, of
   *     which this is the first
   * @throws IllegalArgumentException if {@code run} is no run, its data is not what it was, it
   *     cannot be kept as the changes ask, or the processes do not fit its settings
   * @throws IOException if data cannot be read or a file not be written, or another process works
   *     on the run
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   * @throws dev.millrace.learn.network.LostRankException if a process is gone and the rendezvous
   *     starts none in its place
   */
  public static Outcome resume(
      Path run,
      Catalogue catalogue,
      Resumption changes,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            Settings settings = RunFiles.settings(directory.root());
            RunChunks chunks = RunFiles.chunks(directory, settings, catalogue, call.or(stop));
            PendingExtension.of(directory.root()).say(run, chunks.count());
            Settings changed = changes.of(settings);
            Sharing.require(changed, rendezvous);
            Sharing.check(changed, chunks.count());
            if (!changed.equals(settings)) {
              if (changes.kept().containsKey("knn-every")) {
                KnnWatch.check(changed, catalogue, call.or(stop));
              }
              RunFiles.write(directory, changed, chunks);
            }
            return new RunTraining(
                    directory,
                    changed,
                    chunks,
                    rendezvous,
                    call.reporting(RunEvent.Listener.class, listener),
                    call.or(stop))
                .outcome();
          }
        });
  }

  /**
   * Like {@link #extend(Path, Extension, RunEvent.Listener, BooleanSupplier)}, of a whole set and
   * saying nothing; an interrupt of the calling thread still ends it.
   *
   * @throws IllegalArgumentException if the run is not finished, or cannot take the set
   * @throws IOException if data cannot be read or a file not be written, or another process works
   *     on the run
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   */
  public static Outcome extend(Path run, String set) throws IOException {
    return extend(run, set, event -> {}, () -> false);
  }

  /** Like {@link #extend(Path, Extension, RunEvent.Listener, BooleanSupplier)}, of a whole set. */
  public static Outcome extend(
      Path run, String set, RunEvent.Listener listener, BooleanSupplier stop) throws IOException {
    return extend(run, Extension.of(set), listener, stop);
  }

  /**
   * New data arrived: appends a set as one more chunk to a finished run and learns it. Where {@link
   * Extension#newOnly} leaves nothing to learn, the run stays as it was. The encoder of before can
   * be read until the new one takes its place.
   *
   * @param listener hears of every step, on the calling thread
   * @param stop asked as in {@link #pretrain(Settings, Path, RunEvent.Listener, BooleanSupplier)}
   * @throws IOException if data cannot be read or a file not be written, or another process works
   *     on the run
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   * @throws IllegalArgumentException if the run is not finished, or cannot take the set
   * @throws CancellationException if a stop was requested before the set's first step; the run is
   *     then as it was
   */
  public static Outcome extend(
      Path run, Extension extension, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return extend(run, extension, Catalogue.standard(), listener, stop);
  }

  /**
   * Like {@link #extend(Path, Extension, RunEvent.Listener, BooleanSupplier)}.
   *
   * @param catalogue opens the set
   */
  public static Outcome extend(
      Path run,
      Extension extension,
      Catalogue catalogue,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return extend(run, extension, catalogue, Rendezvous.alone(), listener, stop);
  }

  /**
   * Like {@link #extend(Path, Extension, Catalogue, RunEvent.Listener, BooleanSupplier)}, with the
   * steps shared out.
   *
   * @param rendezvous who makes them: as many processes as the settings will name ranks, of which
   *     this is the first
   * @throws IllegalArgumentException if the run is not finished, or cannot take the set or the
   *     processes
   * @throws IOException if data cannot be read or a file not be written, or another process works
   *     on the run
   * @throws dev.millrace.learn.run.DivergedException if the loss or the weights are no longer
   *     finite; the last checkpoint is from before that
   * @throws CancellationException if a stop was requested before the set's first step; the run is
   *     then as it was
   * @throws dev.millrace.learn.network.LostRankException if a process is gone and the rendezvous
   *     starts none in its place
   */
  public static Outcome extend(
      Path run,
      Extension extension,
      Catalogue catalogue,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            return new Extending(
                    directory,
                    extension,
                    catalogue,
                    rendezvous,
                    call.reporting(RunEvent.Listener.class, listener),
                    call.or(stop))
                .outcome();
          }
        });
  }

  /**
   * Makes a run's steps with the process that keeps it, of which this is no first one: it reads the
   * run and writes nothing.
   *
   * @param rendezvous where that process is met
   * @param listener hears of every step
   * @param stop asked after every step; true ends all processes at a checkpoint
   * @return whether the run came to its end; false if it was stopped
   * @throws IOException if the run or its data cannot be read
   * @throws dev.millrace.learn.network.LostRankException if another process is gone
   */
  public static boolean follow(
      Path run,
      Catalogue catalogue,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.beside(run)) {
            Settings settings = RunFiles.settings(directory.root());
            RunChunks chunks = RunFiles.chunks(directory, settings, catalogue, call.or(stop));
            return new RunTraining(directory, settings, chunks, rendezvous, listener, call.or(stop))
                .trained();
          }
        });
  }

  /**
   * Removes the encoders of a run's older chunks, and the states beside them. What the run is
   * published, resumed and extended from stays, from whichever checkpoint that is kept, and so does
   * what was exported.
   *
   * @param keep how many of the last learned chunks keep theirs, at least 1
   * @return what was removed
   * @throws IllegalArgumentException if it is below 1, or {@code run} is no run
   * @throws IOException if a file cannot be read or removed, or another process works on the run
   */
  public static Pruned prune(Path run, int keep) throws IOException {
    if (keep < 1) {
      throw UsageException.of(
          "--keep-chunks", keep + " is below 1: the last learned chunk is always kept");
    }
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(directory.root());
      RunChunks chunks = RunFiles.chunks(directory, settings);
      return Wiring.prune(directory, settings, chunks, keep);
    }
  }

  /**
   * Notes where a set of a run lies now, for all calls that open it.
   *
   * @param set its word in the run's settings
   * @param place a path, or a place on another machine such as {@code s3://BUCKET/KEY}: a copy of
   *     what was learned, by names and sizes of its pictures
   * @throws IllegalArgumentException if the run has no such set, or nothing lies there
   * @throws IOException if run.yaml cannot be read or written, or another process works on the run
   */
  public static void moved(Path run, String set, String place) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(directory.root());
      Settings moved = new Sources(settings, run).moved(set, place);
      RunFiles.write(directory, moved, RunFiles.chunks(directory, settings));
    }
  }
}
