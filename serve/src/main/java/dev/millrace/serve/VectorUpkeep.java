package dev.millrace.serve;

import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Reason;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Keeps the vectors that {@code millrace search} has kept of a live run's pictures in step with the
 * encoder that is served: whenever another takes over, by the gate or by a person, it is said what
 * they are worth to it, and, where that is wanted, a bridge is kept or they are made anew. On a
 * thread of its own, a share of the time, beside whatever the run does; what an end of the process
 * left is gone on with by the next one. What was found and done is in {@code vectors.jsonl}.
 */
public final class VectorUpkeep implements AutoCloseable {
  private static final long LOOK_MILLIS = 1000;
  private static final long LONGEST_WAIT_SECONDS = 300;

  private final KeptVectors vectors;
  private final KeptEncoders encoders;
  private final VectorSettings settings;
  private final VectorLog log;
  private final InstantSource clock;
  private final Consumer<String> said;
  private final Thread thread = new Thread(this::work, "kept-vectors");
  private volatile boolean stop;

  private String failure = "";
  private long wait;
  private Instant next = Instant.MIN;

  /**
   * Has looked at nothing yet.
   *
   * @param options how encoders compute; in the size and precision that the server computes in
   * @param said hears each sentence that a person may want to read, on the thread of the upkeep
   */
  public VectorUpkeep(
      LiveFolder live,
      VectorSettings settings,
      Encoder.Options options,
      InstantSource clock,
      Consumer<String> said) {
    this.settings = settings;
    this.clock = clock;
    this.said = said;
    vectors =
        new KeptVectors(live, clock, options, KeptVectors.Rest.share(settings.share(), clock));
    encoders = KeptEncoders.of(live, clock);
    log = new VectorLog(live.vectors());
  }

  /** Begins to look, every second, until {@link #close}; not at all where nothing is to be done. */
  public VectorUpkeep start() {
    if (settings.action() != VectorSettings.Action.OFF) {
      thread.setDaemon(true);
      thread.start();
    }
    return this;
  }

  private void work() {
    try {
      while (!stop) {
        if (clock.instant().isBefore(next) || !look(() -> stop)) {
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the thread and does what is left to do on this one, until all is done, something fails, or
   * it is asked to stop; for runs that end when they are idle.
   */
  public void finish(BooleanSupplier asked) {
    close();
    while (settings.action() != VectorSettings.Action.OFF && !asked.getAsBoolean()) {
      if (!look(asked)) {
        return;
      }
    }
  }

  /**
   * Does the next thing that is to be done.
   *
   * @return whether something was done; else all is, or it failed, which was said
   */
  boolean look(BooleanSupplier asked) {
    String index = "";
    try {
      for (String name : vectors.names()) {
        index = name;
        if (one(name, asked)) {
          wait = 0;
          failure = "";
          return true;
        }
      }
    } catch (CancellationException e) {
      return false; // to end, or for another encoder, which the next look finds
    } catch (IOException | RuntimeException e) {
      if (!asked.getAsBoolean()) {
        failed(index, e);
      }
    }
    return false;
  }

  /** Said once; tried again ever later, since a person may have to mend it. */
  private void failed(String index, Exception e) {
    wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, 2 * wait));
    next = clock.instant().plusSeconds(wait);
    String words = e instanceof IOException io ? Reason.whole(io) : String.valueOf(e.getMessage());
    if (!words.equals(failure) && isThere(index)) {
      failure = words;
      said.accept("kept vectors %s: %s; tried again while the run goes on".formatted(index, words));
    }
  }

  /** One that was forgotten meanwhile has failed nobody. */
  private boolean isThere(String index) {
    try {
      return index.isEmpty() || vectors.names().contains(index);
    } catch (IOException e) {
      return true;
    }
  }

  private boolean one(String name, BooleanSupplier asked) throws IOException {
    KeptVectors.Standing standing = vectors.standing(name);
    if (standing == null || standing.current()) {
      return false; // it is being made, or nothing is served, or all is well
    }
    PictureSearch.Listener listener = until(asked, standing.served());
    if (!log.knows(settings.word(), standing)) {
      VectorWorth worth =
          settings.action() == VectorSettings.Action.SAY
              ? vectors.measure(name, List.of(), KeptVectors.IMAGES, listener)
              : vectors.bridge(name, List.of(), KeptVectors.IMAGES, KeptVectors.GOOD, listener);
      log.add(clock.instant().toString(), settings.word(), standing, worth, 0);
      said.accept(worth.words());
      return true;
    }
    if (settings.action() != VectorSettings.Action.EMBED) {
      return false;
    }
    int computed = vectors.embed(name, List.of(), listener);
    VectorWorth worth = vectors.measure(name, List.of(), KeptVectors.IMAGES, listener);
    log.add(clock.instant().toString(), settings.word(), standing, worth, computed);
    said.accept(worth.words());
    return true;
  }

  /** Until it is to end, or another encoder is served than this was begun for. */
  private PictureSearch.Listener until(BooleanSupplier asked, String served) {
    return new PictureSearch.Listener() {
      private Instant looked = clock.instant();

      @Override
      public boolean stop() {
        if (asked.getAsBoolean()) {
          return true;
        }
        Instant now = clock.instant();
        if (now.isBefore(looked.plusMillis(LOOK_MILLIS))) {
          return false;
        }
        looked = now;
        return !served.equals(servedNow(served));
      }
    };
  }

  private String servedNow(String otherwise) {
    try {
      return encoders.serving().sha256();
    } catch (IOException | UsageException e) {
      return otherwise; // what is wrong with it is said when the next index is looked at
    }
  }

  /** Stops between two batches of pictures; the next process goes on from there. */
  @Override
  public void close() {
    stop = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
