package dev.millrace.recipe;

import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Natives;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.DecodeCheck;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
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
   *     ends the call at a checkpoint, as does an interrupt of the calling thread, whose flag stays
   *     set, and the end of the process
   * @throws IllegalArgumentException if the settings do not fit the data, or {@code out} exists and
   *     is no run that was ended before its settings were written
   * @throws IOException if data cannot be read or a file not be written
   * @throws CancellationException if a stop was asked for before the run had a directory
   */
  public static Outcome pretrain(
      Settings settings, Path out, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call ->
            begin(settings, out, call.reporting(RunEvent.Listener.class, listener), call.or(stop)));
  }

  private static Outcome begin(
      Settings settings, Path out, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    // All is looked at before the directory is made, so that a refusal leaves nothing behind.
    RunDirectory.requireFree(out);
    InitialWeights init = InitialWeights.of(settings);
    Settings noted = Sources.begun(settings);
    RunChunks chunks = RunChunks.plan(noted, stop);
    Settings resolved = PartSettings.resolved(noted).with("chunks", chunks.count());
    PartSettings.check(resolved, chunks);
    ChunkHeads heads = ChunkHeads.look(resolved, chunks, stop);
    check(stop, "stopped before the run began; " + out + " was not made");
    boolean began = false;
    RunDirectory directory = RunDirectory.create(out);
    try {
      if (init != null) {
        resolved = init.in(resolved);
        init.keep(directory, resolved);
      }
      RunFiles.write(directory, resolved, chunks);
      heads.keep(directory.root());
      try (Wiring wiring = new Wiring(directory, resolved, chunks, listener, stop)) {
        began = true;
        return go(directory, resolved, chunks, wiring);
      }
    } finally {
      if (began) {
        directory.close();
      } else {
        directory.discard();
      }
    }
  }

  private static void check(BooleanSupplier stop, String words) {
    if (stop.getAsBoolean()) {
      throw new CancellationException(words);
    }
  }

  /** Continues a run from its last checkpoint; on a finished run it only reports. */
  public static Outcome resume(Path run, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return resume(run, null, listener, stop);
  }

  /**
   * As {@link #resume(Path, RunEvent.Listener, BooleanSupplier)}, with more bad pictures allowed
   * from now on.
   *
   * @param maxBad share of a chunk's pictures, not below what the run allows; null leaves it
   * @throws IllegalArgumentException if it is lower or no share
   */
  public static Outcome resume(
      Path run, Double maxBad, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call -> {
          try (RunDirectory directory = RunDirectory.open(run)) {
            Settings settings = RunFiles.settings(directory.root());
            RunChunks chunks = RunFiles.chunks(directory, settings);
            Settings allowing = settings.allowingBad(maxBad);
            if (!allowing.equals(settings)) {
              RunFiles.write(directory, allowing, chunks);
            }
            return go(
                directory,
                allowing,
                chunks,
                call.reporting(RunEvent.Listener.class, listener),
                call.or(stop));
          }
        });
  }

  /**
   * New data arrived: appends a set as one more chunk to a finished run and learns it.
   *
   * @throws IllegalArgumentException if the run is not finished, or cannot take the set
   * @throws CancellationException if a stop was asked for before the set's first step; the run is
   *     then as it was
   */
  public static Outcome extend(
      Path run, String set, RunEvent.Listener listener, BooleanSupplier stop) throws IOException {
    return extend(run, set, null, listener, stop);
  }

  /**
   * As {@link #extend(Path, String, RunEvent.Listener, BooleanSupplier)}.
   *
   * @param layout what the folders of the set mean, as {@code --layout} says; null for what the
   *     run's settings say
   */
  public static Outcome extend(
      Path run, String typed, String layout, RunEvent.Listener listener, BooleanSupplier stop)
      throws IOException {
    return extend(run, typed, layout, null, listener, stop);
  }

  /**
   * As {@link #extend(Path, String, String, RunEvent.Listener, BooleanSupplier)}, with more bad
   * pictures allowed from now on.
   *
   * @param maxBad share of a chunk's pictures, not below what the run allows; null leaves it
   */
  public static Outcome extend(
      Path run,
      String typed,
      String layout,
      Double maxBad,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return NativeCall.run(
        call ->
            append(
                run,
                typed,
                layout,
                maxBad,
                call.reporting(RunEvent.Listener.class, listener),
                call.or(stop)));
  }

  private static Outcome append(
      Path run,
      String typed,
      String layout,
      Double maxBad,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
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
      String set = settings.spelling(typed);
      sets.add(set);
      Settings longer =
          Sources.extended(
              settings
                  .allowingBad(maxBad)
                  .with(
                      Map.of(
                          given ? "data" : "extensions",
                          sets,
                          "chunks",
                          settings.chunks() + 1,
                          "layouts",
                          layouts(settings, set, layout))));
      RunChunks more = chunks.extended(longer, set, stop);
      // All that can be refused is refused now, while the run is still a finished one.
      PartSettings.device(settings).require();
      int last = more.count() - 1;
      try (RunLog log = new RunLog(directory)) {
        DecodeCheck.good(
            more.open(last),
            directory.root(),
            PartSettings.plan(longer),
            "the same `millrace extend`",
            event -> {
              log.on(event);
              listener.on(event);
            },
            stop);
      }
      Natives.load();
      check(stop, "stopped before the new data was learned; " + run + " is as it was");
      // The encoder goes first: until the new chunk is learned the run is unfinished, after any
      // kill.
      directory.seal().drop(directory.encoder(), directory.finish());
      java.nio.file.Files.delete(directory.encoder());
      java.nio.file.Files.deleteIfExists(directory.finish());
      RunFiles.write(directory, longer, more);
      return go(directory, longer, more, listener, stop);
    }
  }

  /** With the layout of a set that is new; one that a run has keeps its own. */
  private static Map<String, String> layouts(Settings settings, String set, String layout) {
    Map<String, String> layouts = new TreeMap<>(settings.layouts());
    if (layout == null) {
      return layouts;
    }
    String has = layouts.getOrDefault(set, settings.layout());
    if (settings.data().contains(set) || settings.extensions().contains(set)) {
      if (!has.equals(layout)) {
        throw new IllegalArgumentException(
            "--layout %s: the run has %s already, as %s; leave --layout out"
                .formatted(layout, set, has));
      }
    } else if (!has.equals(layout)) {
      layouts.put(set, layout);
    }
    return layouts;
  }

  /**
   * Notes where a set of a run lies now, for all calls that open it.
   *
   * @param set its word in the run's settings
   * @throws IllegalArgumentException if the run has no such set, or nothing lies there
   */
  public static void moved(Path run, String set, Path place) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      Settings settings = RunFiles.settings(directory.root());
      List<String> words = new ArrayList<>(settings.data());
      words.addAll(settings.extensions());
      words.removeIf(Catalogue::isName);
      if (!words.contains(set)) {
        throw new IllegalArgumentException(
            "--data-from %s: %s has no such set; it has %s"
                .formatted(set, run, words.isEmpty() ? "known sets alone" : words));
      }
      if (!Files.exists(place)) {
        throw new IllegalArgumentException(
            "--data-from %s=%s: nothing lies there; give the folder or archive that %s was"
                .formatted(set, place, set));
      }
      Map<String, String> places = new TreeMap<>(settings.places());
      places.put(set, place.toAbsolutePath().normalize().toString());
      RunChunks chunks = RunFiles.chunks(directory, settings);
      RunFiles.write(directory, settings.with("places", places), chunks);
    }
  }

  private static Outcome go(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    try (Wiring wiring = new Wiring(directory, settings, chunks, listener, stop)) {
      return go(directory, settings, chunks, wiring);
    }
  }

  private static Outcome go(
      RunDirectory directory, Settings settings, RunChunks chunks, Wiring wiring)
      throws IOException {
    long began = System.nanoTime();
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
