package dev.millrace.learn.run;

import dev.millrace.engine.Device;
import dev.millrace.file.Reason;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.remedy.EndOfChunk;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.EncoderNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * The loop: chunk after chunk, epoch after epoch, step after step, from wherever the last
 * checkpoint stands. Holds no generator and no clock that could change a result. Not thread-safe.
 */
public final class Pretraining {
  /** How a call of {@link #run} ended. */
  public enum End {
    /** Every chunk is learned. */
    FINISHED,
    /** A stop was asked for; a checkpoint holds everything. */
    STOPPED
  }

  /**
   * What is trained; the caller owns and closes it.
   *
   * @param ranks that make its steps together; all but the first write nothing
   * @param mean of the trunk's weights, where chunks publish that; null elsewhere
   */
  public record Parts(
      Learner learner,
      Remedies remedies,
      Optimiser optimiser,
      ViewSchedule views,
      Ranks ranks,
      WeightMean mean) {
    /** Where no chunk publishes a mean. */
    public Parts(
        Learner learner, Remedies remedies, Optimiser optimiser, ViewSchedule views, Ranks ranks) {
      this(learner, remedies, optimiser, views, ranks, null);
    }

    Network network() {
      return learner.network();
    }

    Method<?> method() {
      return learner.method();
    }

    EncoderNet encoder() {
      return network().encoder();
    }

    Device device() {
      return network().device();
    }
  }

  /** Writes the encoder at a chunk's end. */
  @FunctionalInterface
  public interface EncoderWriter {
    /** Writes an encoder to a file, atomically. */
    void write(EncoderNet encoder, Path file) throws IOException;
  }

  private final IntFunction<Plan> plans;
  private final Parts parts;
  private final Chunks chunks;
  private final Map<String, Integer> classes;
  private final Path run;
  private final Checkpoints checkpoints;
  private final FullState state;
  private final Steps steps;
  private final Publishing publishing;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;
  private final Trunk trunk;
  private final Merging merging;
  private Position position = Position.start();

  /** Of the chunk that is being learned. */
  private Plan plan;

  private CheckedChunk checked;

  /**
   * @param plans how each chunk is learned, by its number
   * @param run the run's directory
   * @param classes the stream's classes, for supervised methods
   * @param stop asked after every step, and by many threads while a chunk is checked; true ends the
   *     run at a checkpoint
   */
  public Pretraining(
      IntFunction<Plan> plans,
      Parts parts,
      Chunks chunks,
      List<String> classes,
      Path run,
      Checkpoints checkpoints,
      EncoderWriter encoderWriter,
      RunEvent.Listener listener,
      BooleanSupplier stop) {
    this.plans = plans;
    this.parts = parts;
    this.chunks = chunks;
    this.classes = new HashMap<>();
    classes.forEach(name -> this.classes.putIfAbsent(name, this.classes.size()));
    this.run = run;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.stop = stop;
    state = new FullState(parts, checkpoints, listener);
    steps = new Steps(parts, state, listener, stop);
    trunk = new Trunk(run, parts.learner(), state::tensors);
    publishing = new Publishing(parts, run, state, trunk, encoderWriter, listener);
    merging = new Merging(parts, stop);
  }

  /** The next step to make. */
  public Position position() {
    return position;
  }

  /** Goes back to the last checkpoint, or stays at the beginning when there is none. */
  public Position restore() throws IOException {
    position = checkpoints.restore(state.tensors()).or(this::ofLastChunk).orElse(Position.start());
    if (position.learned() > chunks.count()) {
      throw new IOException(
          "%s has learned %d chunks, but its run.yaml says %d; restore run.yaml and stream.json"
              .formatted(run, position.learned(), chunks.count()));
    }
    boolean endless = plans.apply(0).course() instanceof Course.Endless;
    ranks()
        .first(
            () -> {
              if (endless) {
                trunk.drop(position.learned() - 2); // what a kill after a checkpoint left
              }
            });
    return position;
  }

  /** Without a checkpoint the state at the last chunk's end is the nearest there is. */
  private Optional<Position> ofLastChunk() {
    try {
      if (plans.apply(0).course() instanceof Course.Endless) {
        return trunk.newest(chunks.count());
      }
      Optional<Position> found = Optional.empty();
      for (int i = chunks.count() - 1; i >= 0 && found.isEmpty(); i--) {
        found = Checkpoints.ofChunk(run, i).restore(state.tensors());
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.whole(e), e);
    }
  }

  /** Makes the last checkpoint again, after what it counts on was mended. */
  public void saveAgain() throws IOException {
    state.save(position);
  }

  /**
   * Trains until a chunk's turn comes or a stop is asked for. The trunk's last steps on a chunk
   * that has been published are made as soon as there is a next one.
   *
   * @param until the first chunk that is not learned; the number of chunks for the whole stream
   * @throws IOException if data cannot be read or a file not be written
   * @throws DivergedException if the loss is not a finite number
   */
  public End run(int until) throws IOException {
    while (position.chunk() < until && position.learned() < chunks.count()) {
      plan = plans.apply(position.chunk());
      Chunk chunk = opened(position.chunk());
      if (chunk == null || !learn(chunk)) {
        return End.STOPPED;
      }
    }
    return End.FINISHED;
  }

  /** A chunk whose turn comes; null if it was stopped while its set was listed or unpacked. */
  private Chunk opened(int index) throws IOException {
    Chunk chunk;
    try {
      chunk = chunks.open(index);
    } catch (CancellationException stopped) {
      chunk = null; // all ranks hear of it
    }
    return ranks().any(chunk == null) ? null : chunk;
  }

  /** False if it was stopped. */
  private boolean learn(Chunk chunk) throws IOException {
    boolean begins = position.isBetweenChunks() && position.learned() == chunk.index();
    checked = CheckedChunk.of(chunk, begins, parts, plan, classes, run, listener, stop);
    if (checked == null) {
      return false; // nothing of this chunk was learned, and all before it is saved
    }
    ImageSet good = checked.images();
    if (plan.batchOf(good.size()) < Plan.LEAST) {
      skip(chunk, good);
      return true;
    }
    if (begins) {
      ranks().first(checked::begin);
    }
    OpenChunk open = checked.open();
    listener.on(
        new RunEvent.ChunkOpened(
            chunk,
            chunks.count(),
            good.size(),
            checked.bytes(),
            plan.epochs(),
            open.stepsPerEpoch(),
            open.replayed(),
            checked::met));
    if (begins) {
      if (plan.course() instanceof Course.Restart) {
        parts.optimiser().rest();
      }
      if (chunk.index() > 0) {
        holdOn(chunk.index());
      }
      parts.method().beginChunk(chunk.index());
      parts.remedies().beginChunk(chunk.index());
    }
    try {
      boolean goesOn =
          plan.course() instanceof Course.Endless endless
              ? learn(open, endless)
              : learnToTheEnd(open);
      if (position.chunk() > chunk.index()) {
        ranks().first(checked::end);
      }
      return goesOn;
    } catch (CheckedChunk.Stopped stopped) {
      state.save(position); // all steps are made; the check at the end goes on with the next call
      return false;
    }
  }

  /** Shows the method what it may hold on to in a chunk, as remedies were shown it. */
  private void holdOn(int chunk) throws IOException {
    boolean published =
        plan.course() instanceof Course.Endless endless
            && endless.anchor() == Course.Anchor.PUBLISHED;
    if (!published) {
      parts.method().holdOnTo(parts.network());
      return;
    }
    try (Network past = parts.network().twin()) {
      trunk.published(chunk - 1, past);
      parts.method().holdOnTo(past);
    }
  }

  private boolean learnToTheEnd(OpenChunk open) throws IOException {
    if (!steps(open, open.steps())) {
      return false;
    }
    check();
    publishing.takeIn(checked.learned(open));
    position = position.nextChunk();
    publishing.publish(open.chunk(), position, position);
    listener.on(new RunEvent.ChunkLearned(position, open.chunk(), parts.encoder()));
    state.save(position);
    return true;
  }

  /** The trunk up to the fork, the branch, and the rest of the trunk where the stream goes on. */
  private boolean learn(OpenChunk open, Course.Endless course) throws IOException {
    int steps = open.steps();
    int fork = course.fork(steps);
    if (position.part() == Position.Part.TRUNK) {
      if (!steps(open, fork)) {
        return false;
      }
      if (course.published() instanceof Course.Merge) {
        check();
        if (!merge(open)) {
          return false;
        }
        consolidate(open, course);
        return true;
      }
      ranks().first(() -> trunk.keep(position.chunk(), position));
      position = position.on(Position.Part.BRANCH);
    }
    if (position.part() == Position.Part.BRANCH) {
      if (!steps(open, steps)) {
        return false;
      }
      check();
      Position rest = position.on(Position.Part.REST).at(fork, open.stepsPerEpoch());
      publishing.publish(open.chunk(), position, rest);
      listener.on(new RunEvent.ChunkLearned(rest, open.chunk(), parts.encoder()));
      trunk.back(rest.chunk());
      position = rest;
      state.save(position);
      ranks().first(() -> trunk.drop(rest.chunk() - 1));
    }
    if (position.learned() == chunks.count()) {
      return true;
    }
    if (ranks().any(stop.getAsBoolean())) {
      return false; // while the published chunk was looked at, which a later step would make moot
    }
    listener.on(new RunEvent.TrunkGoesOn(position, open.chunk(), steps - open.step(position)));
    if (!steps(open, steps)) {
      return false;
    }
    consolidate(open, course);
    return true;
  }

  /** Before anything is published: who is refused for its bad pictures publishes nothing. */
  private void check() throws IOException {
    state.requireFinite(position);
    checked.check();
  }

  /** Publishes the mean of the trunk's weights; false if a stop was asked for meanwhile. */
  private boolean merge(OpenChunk open) throws IOException {
    boolean merged = trunk.aside(() -> merged(open));
    open.agree();
    if (!merged) {
      state.save(position); // all steps are made; the next call merges them
    }
    return merged;
  }

  private boolean merged(OpenChunk open) throws IOException {
    Optional<Passes> passes = merging.into(open, position);
    if (passes.isEmpty()) {
      return false;
    }
    Position after = position.nextChunk();
    listener.on(new RunEvent.Merged(open.chunk(), passes.get()));
    publishing.publish(open.chunk(), position, after);
    listener.on(new RunEvent.ChunkLearned(after, open.chunk(), parts.encoder()));
    return true;
  }

  /** Remedies take in a chunk that the trunk has learned. */
  private void consolidate(OpenChunk open, Course.Endless course) throws IOException {
    state.requireFinite(position);
    EndOfChunk end = checked.learned(open);
    if (course.anchor() == Course.Anchor.PUBLISHED) {
      trunk.asPublished(open.chunk().index(), () -> publishing.takeIn(end));
    } else {
      publishing.takeIn(end);
    }
    position = position.nextChunk();
    if (!(course.published() instanceof Course.Branch)) {
      publishing.keepTrunk(position);
    }
    listener.on(new RunEvent.ChunkConsolidated(position, open.chunk()));
    state.save(position);
  }

  /** False if a stop was asked for after one of the steps until this one. */
  private boolean steps(OpenChunk open, int until) throws IOException {
    Steps.Made made = steps.make(open, position, until);
    position = made.position();
    return made.all();
  }

  /**
   * Too few pictures for a step: the chunk leaves no trace in the weights, and none in replay, and
   * publishes what the chunk before did.
   */
  private void skip(Chunk chunk, ImageSet good) throws IOException {
    state.requireFinite(position);
    Chunk empty = new Chunk(chunk.index(), chunk.name(), good.subset(chunk.name()));
    publishing.takeIn(new SkippedChunk(empty, parts.network(), parts.method().views()));
    position = position.nextChunk();
    boolean endless = plan.course() instanceof Course.Endless;
    if (endless && chunk.index() > 0) {
      trunk.asPublished(chunk.index() - 1, () -> publishing.publish(chunk, position, position));
    } else {
      publishing.publish(chunk, position, position);
    }
    if (endless) {
      publishing.keepTrunk(position);
    }
    listener.on(new RunEvent.ChunkSkipped(position, chunk, good.size()));
    state.save(position);
  }

  private Ranks ranks() {
    return parts.ranks();
  }
}
