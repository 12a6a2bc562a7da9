package dev.millrace.learn.run;

import dev.millrace.engine.Device;
import dev.millrace.file.Reason;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.Targets;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.CosineSchedule;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.optim.Schedule;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sampler;
import dev.millrace.vision.encoder.EncoderNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

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

  /** What is trained; the caller owns and closes it. */
  public record Parts(
      Learner learner, Remedies remedies, Optimiser optimiser, ViewSchedule views, Ranks ranks) {
    private Network network() {
      return learner.network();
    }

    private Method<?> method() {
      return learner.method();
    }

    private EncoderNet encoder() {
      return network().encoder();
    }

    private Device device() {
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
  private final EncoderWriter encoderWriter;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;
  private Position position = Position.start();

  /** Of the chunk that is being learned. */
  private Plan plan;

  private long savedAt = System.nanoTime();

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
    this.encoderWriter = encoderWriter;
    this.listener = listener;
    this.stop = stop;
  }

  /** The next step to make. */
  public Position position() {
    return position;
  }

  /** Goes back to the last checkpoint, or stays at the beginning when there is none. */
  public Position restore() throws IOException {
    position = checkpoints.restore(state()).or(this::ofLastChunk).orElse(Position.start());
    if (position.chunk() > chunks.count()) {
      throw new IOException(
          "%s has learned %d chunks, but its run.yaml says %d; restore run.yaml and stream.json"
              .formatted(run, position.chunk(), chunks.count()));
    }
    return position;
  }

  /** Without a checkpoint the state at the last chunk's end is the nearest there is. */
  private Optional<Position> ofLastChunk() {
    try {
      Optional<Position> found = Optional.empty();
      for (int i = chunks.count() - 1; i >= 0 && found.isEmpty(); i--) {
        found = Checkpoints.ofChunk(run, i).restore(state());
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.whole(e), e);
    }
  }

  /** Makes the last checkpoint again, after what it counts on was mended. */
  public void saveAgain() throws IOException {
    save();
  }

  /**
   * Trains until a chunk's turn comes or a stop is asked for.
   *
   * @param until the first chunk that is not learned; the number of chunks for the whole stream
   * @throws IOException if data cannot be read or a file not be written
   * @throws DivergedException if the loss is not a finite number
   */
  public End run(int until) throws IOException {
    while (position.chunk() < until) {
      plan = plans.apply(position.chunk());
      if (!learn(chunks.open(position.chunk()))) {
        return End.STOPPED;
      }
    }
    return End.FINISHED;
  }

  private boolean learn(Chunk chunk) throws IOException {
    DecodeCheck.Good checked;
    try {
      String again = ShellWords.resume(run);
      checked = DecodeCheck.good(chunk, run, plan, again, listener, stop);
    } catch (CancellationException stopped) {
      return false; // nothing of this chunk was learned, and all before it is saved
    }
    ImageSet good = checked.images();
    int batch = plan.batchOf(good.size());
    if (batch < Plan.LEAST) {
      skip(chunk, good);
      return true;
    }
    List<ImageSet> kept = parts.remedies().replayed(chunk.index());
    int[] sizes = kept.stream().mapToInt(ImageSet::size).toArray();
    int stepsPerEpoch = good.size() / batch;
    Schedule schedule =
        new CosineSchedule(
            plan.lr(),
            Math.min(
                (int) Math.round(plan.warmup() * stepsPerEpoch), plan.epochs() * stepsPerEpoch - 1),
            plan.epochs() * stepsPerEpoch);
    listener.on(
        new RunEvent.ChunkOpened(
            chunk,
            chunks.count(),
            good.size(),
            checked.bytes(),
            plan.epochs(),
            stepsPerEpoch,
            Arrays.stream(sizes).sum()));
    if (position.epoch() == 0 && position.step() == 0) {
      parts.optimiser().rest();
      parts.method().beginChunk(chunk.index());
      parts.remedies().beginChunk(chunk.index());
    }
    Pool pool =
        new Pool(
            chunk.index(), good, kept, classes, parts.views().least().size(), plan.cacheBytes());
    try (Feed feed = feed(pool, batch, parts.method().views())) {
      int asked = position.epoch() * stepsPerEpoch + position.step();
      int[] order = null;
      int orderOf = -1;
      while (position.epoch() < plan.epochs()) {
        while (feed.hasRoom() && asked < plan.epochs() * stepsPerEpoch) {
          int epoch = asked / stepsPerEpoch;
          int from = asked++ % stepsPerEpoch * batch;
          if (epoch != orderOf) {
            order =
                Sampler.epoch(
                    plan.seed(), chunk.index(), epoch, good.size(), sizes, plan.mix(), batch);
            orderOf = epoch;
          }
          feed.ask(
              parts.views().at(epoch, plan.epochs()),
              chunk.index(),
              epoch,
              from,
              Arrays.copyOfRange(order, from, from + batch));
        }
        step(feed, schedule, batch, stepsPerEpoch);
        boolean last = position.epoch() == plan.epochs();
        if (position.step() == 0 && !last) {
          listener.on(
              new RunEvent.EpochLearned(
                  position,
                  position.chunk(),
                  position.epoch() - 1,
                  plan.epochs(),
                  parts.encoder()));
        }
        if (parts.ranks().any(stop.getAsBoolean())) {
          save();
          return false;
        }
        if (!last && due()) {
          save();
        }
      }
    }
    finish(chunk, good, pool);
    return true;
  }

  private Feed feed(Pool pool, int batch, int views) {
    return new Feed(
        pool,
        parts.device(),
        parts.views().full().size(),
        batch,
        views,
        plan.seed(),
        plan.workers());
  }

  private void step(Feed feed, Schedule schedule, int pictures, int stepsPerEpoch)
      throws IOException {
    long began = System.nanoTime();
    Position before = position;
    int step = before.epoch() * stepsPerEpoch + before.step();
    Moment at =
        new Moment(
            before.chunk(), before.epoch(), step, plan.epochs() * stepsPerEpoch, before.total());
    double lr = schedule.at(step);
    double value;
    try (PointerScope scope = new PointerScope()) {
      value = learn(parts.method(), feed.take(parts.method().labels()), at, lr);
    }
    position = before.after(pictures, stepsPerEpoch);
    listener.on(
        new RunEvent.Stepped(
            position,
            before.chunk(),
            before.epoch(),
            value,
            lr,
            pictures,
            (System.nanoTime() - began) * 1e-9,
            parts.method().watched()));
  }

  /**
   * One step of learning. What follows an update comes in this order: optimiser, remedies in
   * theirs, method.
   *
   * @return the loss
   */
  private <T extends Targets> double learn(Method<T> method, Views views, Moment at, double lr) {
    Network network = parts.network();
    method.beforeStep(at);
    network.weights().zeroGradient();
    Outputs made = method.outputs(views, Mode.TRAINING);
    T targets = method.targets(views, made, Mode.TRAINING);
    Tensor loss = parts.remedies().add(method.loss(made, targets), views, made);
    loss.backward();
    // A card has its backward pass by now, and a loss that is not finite has spoiled no weight.
    double value = loss.item_float();
    if (!Double.isFinite(value)) {
      throw new DivergedException(value, position, lr);
    }
    parts.ranks().mean(network.weights().gradient());
    parts.remedies().beforeUpdate(network.weights());
    parts.optimiser().step(lr);
    parts.remedies().afterUpdate(network.encoderWeights(), parts.optimiser().unitStep(lr));
    method.afterStep(made, targets, at);
    return value;
  }

  private void finish(Chunk chunk, ImageSet good, Pool pool) throws IOException {
    requireFinite();
    Chunk learned = new Chunk(chunk.index(), chunk.name(), good);
    parts
        .remedies()
        .endChunk(
            new LearnedChunk(
                learned,
                parts.learner(),
                (many, views) -> feed(pool, many, views),
                parts.views().full(),
                plan));
    leave(chunk);
    listener.on(new RunEvent.ChunkLearned(position, chunk, parts.encoder()));
    save();
  }

  /** Too few pictures for a step: the chunk leaves no trace in the weights, and none in replay. */
  private void skip(Chunk chunk, ImageSet good) throws IOException {
    requireFinite();
    Chunk empty = new Chunk(chunk.index(), chunk.name(), good.subset(chunk.name()));
    parts.remedies().endChunk(new SkippedChunk(empty, parts.network(), parts.method().views()));
    leave(chunk);
    listener.on(new RunEvent.ChunkSkipped(position, chunk, good.size()));
    save();
  }

  private void leave(Chunk chunk) throws IOException {
    position = position.nextChunk();
    encoderWriter.write(parts.encoder(), RunFolder.of(run).encoder(chunk.index()));
    Checkpoints.ofChunk(run, chunk.index()).save(position, state());
  }

  private boolean due() {
    return position.total() % plan.checkpointSteps() == 0
        || (System.nanoTime() - savedAt) * 1e-9 > plan.checkpointSeconds();
  }

  /** An update can spoil weights that gave a finite loss; such weights are never saved. */
  private void requireFinite() {
    try (PointerScope scope = new PointerScope()) {
      state()
          .forEach(
              (name, tensor) -> {
                if (!tensor.isfinite().all().item_bool()) {
                  throw new DivergedException(name, position);
                }
              });
    }
  }

  private void save() throws IOException {
    requireFinite();
    checkpoints.save(position, state());
    savedAt = System.nanoTime();
    listener.on(new RunEvent.Saved(position));
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.putAll(parts.learner().state());
    state.putAll(parts.remedies().state());
    Optimiser optimiser = parts.optimiser();
    optimiser.state().forEach((name, tensor) -> state.put(optimiser.name() + "." + name, tensor));
    return state;
  }
}
