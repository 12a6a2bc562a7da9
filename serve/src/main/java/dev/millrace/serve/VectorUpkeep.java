package dev.millrace.serve;

import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.source.Retries;
import dev.millrace.live.source.Wait;
import java.io.IOException;
import java.time.Duration;
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
 * left is gone on with by the next one. What was found and done is in {@code vectors.jsonl}. {@link
 * #start} once; {@link #close} may come from any thread.
 */
public final class VectorUpkeep implements AutoCloseable {
  private static final long LOOK_MILLIS = 1000;
  private static final long CLOSE_MILLIS = 30_000;

  /** What came of a look. */
  enum Look {
    /** Something was done; there may be more. */
    DONE,
    /** Nothing is to be done. */
    NOTHING,
    /** What is left to do failed, which was said. */
    FAILED,
    /** It was asked to stop, or another encoder is served meanwhile. */
    LEFT
  }

  private final KeptVectors vectors;
  private final KeptEncoders encoders;
  private final VectorSettings settings;
  private final VectorLog log;
  private final InstantSource clock;
  private final Consumer<String> said;
  private final Retries failures;
  private final Thread thread = new Thread(this::work, "kept-vectors");
  private volatile boolean stop;

  /** Whether nothing else works, so that nobody has to be let work. */
  private volatile boolean alone;

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
    failures = new Retries(clock);
    vectors =
        new KeptVectors(
            live, clock, options, resting(KeptVectors.Rest.share(settings.share(), clock)));
    encoders = KeptEncoders.of(live, clock);
    log = new VectorLog(live.vectors());
  }

  private KeptVectors.Rest resting(KeptVectors.Rest share) {
    return new KeptVectors.Rest() {
      @Override
      public void begin() {
        share.begin();
      }

      @Override
      public void take(BooleanSupplier asked) {
        share.take(() -> alone || asked.getAsBoolean());
      }
    };
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
        Look look = look(() -> stop);
        if (look == Look.NOTHING || look == Look.FAILED) {
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the thread and does what is left to do on this one, without rest, until all is done but
   * what fails, or it is asked to stop; for runs that end when they are idle.
   */
  public void finish(BooleanSupplier asked) {
    alone = true;
    close();
    Look look = Look.DONE;
    while (settings.action() != VectorSettings.Action.OFF
        && !asked.getAsBoolean()
        && (look == Look.DONE || look == Look.LEFT)) {
      look = look(asked);
    }
  }

  /** Does the next thing that is to be done; what fails is passed over. */
  Look look(BooleanSupplier asked) {
    Look look = Look.NOTHING;
    List<String> names;
    try {
      names = vectors.names();
    } catch (IOException | RuntimeException | Error e) {
      return asked.getAsBoolean() ? Look.LEFT : failed("all", inWords(e));
    }
    failures.retain(names);
    for (String name : names) {
      if (failures.waits(name)) {
        look = Look.FAILED;
        continue;
      }
      try {
        boolean done = one(name, asked);
        failures.succeeded(name);
        if (done) {
          return Look.DONE;
        }
      } catch (CancellationException e) {
        return Look.LEFT;
      } catch (IOException | RuntimeException | Error e) { // the thread lives on
        look = asked.getAsBoolean() ? Look.LEFT : failed(name, inWords(e));
      }
    }
    return look;
  }

  private static IOException inWords(Throwable e) {
    return e instanceof IOException io ? io : new IOException(Reason.of(e), e);
  }

  /** Said once; one that was forgotten meanwhile has failed nobody. */
  private Look failed(String index, IOException e) {
    try {
      if (!index.equals("all") && !vectors.names().contains(index)) {
        return Look.NOTHING;
      }
    } catch (IOException | RuntimeException unreadable) {
      e.addSuppressed(unreadable);
    }
    failures.failed(index, e);
    for (String words : failures.said()) {
      said.accept("kept vectors, " + words + "; tried again, also after the next start");
    }
    return Look.FAILED;
  }

  private boolean one(String name, BooleanSupplier asked) throws IOException {
    KeptVectors.Standing standing = vectors.standing(name);
    if (standing == null) {
      return false; // it is being made, or nothing is served
    }
    if (standing.current()) {
      if (log.isBehind(standing)) { // as after a rollback, or where a person embedded them
        note(standing, current(standing), 0);
      }
      return false;
    }
    PictureSearch.Listener listener = until(asked, standing.served());
    if (!log.knows(settings.word(), standing)) {
      VectorWorth worth =
          settings.action() == VectorSettings.Action.SAY
              ? vectors.measure(name, List.of(), KeptVectors.IMAGES, listener)
              : vectors.bridge(name, List.of(), KeptVectors.IMAGES, KeptVectors.GOOD, listener);
      say(standing, worth, 0);
      return true;
    }
    if (settings.action() != VectorSettings.Action.EMBED) {
      return false;
    }
    int computed = vectors.embed(name, List.of(), listener);
    say(standing, vectors.measure(name, List.of(), KeptVectors.IMAGES, listener), computed);
    return true;
  }

  private static VectorWorth current(KeptVectors.Standing standing) {
    return VectorWorth.current(
        standing.index(), standing.version(), standing.pictures(), Double.NaN);
  }

  private void say(KeptVectors.Standing standing, VectorWorth worth, int computed)
      throws IOException {
    if (worth.version() != standing.version()) {
      throw new CancellationException("another encoder is served meanwhile");
    }
    note(standing, worth, computed);
    said.accept(worth.words());
  }

  private void note(KeptVectors.Standing standing, VectorWorth worth, int computed)
      throws IOException {
    log.add(clock.instant().toString(), settings.word(), standing, worth, computed);
  }

  /** Until it is to end, or another encoder is served than this was begun for. */
  private PictureSearch.Listener until(BooleanSupplier asked, String served) {
    return new PictureSearch.Listener() {
      private Wait wait = Wait.of(clock.instant(), Duration.ofMillis(LOOK_MILLIS));

      @Override
      public boolean stop() {
        if (asked.getAsBoolean()) {
          return true;
        }
        Instant now = clock.instant();
        if (!wait.isOver(now)) {
          return false;
        }
        wait = Wait.of(now, Duration.ofMillis(LOOK_MILLIS));
        return !served.equals(servedNow(served));
      }
    };
  }

  private String servedNow(String otherwise) {
    try {
      return encoders.serving().sha256();
    } catch (IOException | IllegalArgumentException e) {
      return otherwise; // what is wrong with it is said when the next index is looked at
    }
  }

  /**
   * Stops between two batches of pictures; the next process goes on from there. What takes longer,
   * as the joining of a large index may, is left to the end of this process.
   */
  @Override
  public void close() {
    stop = true;
    boolean unused =
        Closing.within(
            TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS),
            nanos -> {
              TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
              return !thread.isAlive();
            });
  }
}
