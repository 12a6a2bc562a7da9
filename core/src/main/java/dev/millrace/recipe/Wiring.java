package dev.millrace.recipe;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import dev.millrace.learn.optim.Optimiser;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.DecodeCheck;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.WeightMean;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * Settings, wired: every part of one call of a run, closed together. Of several ranks the first
 * writes and looks; the others only compute.
 */
public final class Wiring implements AutoCloseable {
  private final RunDirectory directory;
  private final Settings settings;
  private final Learner learner;
  private final Remedies remedies;
  private final Optimiser optimiser;
  private final WeightMean mean;
  private final Pretraining pretraining;
  private final RunLog log;
  private final Checkpoints checkpoints;
  private final ChunkEncoders encoders;
  private final HealthCheck health;
  private final KnnWatch knn;
  private final Ranks ranks;
  private final List<AutoCloseable> opened = new ArrayList<>(); // the last one first

  /**
   * @param chunk the next to be learned, whose threads and device are used
   */
  Wiring(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      int chunk,
      Rendezvous rendezvous,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    Settings machine = settings.ofChunk(chunk);
    Device device = Compute.begin(machine.machine().threadsOfRank(), machine.machine().device());
    Sharing.require(settings, rendezvous);
    ranks = rendezvous.meet(directory.root());
    try {
      log = closedLater(new RunLog(directory));
      learner = closedLater(learner(settings, chunks, device, PartSettings.precision(settings)));
      remedies = closedLater(RemedyParts.of(settings, learner.network(), directory));
      optimiser = closedLater(PartSettings.optimiser(settings, learner.network().weights()));
      mean = closedLater(Courses.mean(settings, learner));
      checkpoints = checkpoints(directory, settings, log::mark);
      encoders = new ChunkEncoders(directory, settings, chunks, device);
      RunEvent.Listener told = log.before(listener);
      RunEvent.Listener all =
          ranks.index() == 0
              ? event -> {
                told.on(event);
                watch(event);
              }
              : listener;
      health =
          closedLater(
              new HealthCheck(settings, learner.network(), new LoggedPast(directory), told));
      knn = new KnnWatch(machine, chunks.catalogue(), directory.root(), device, told, stop);
      pretraining =
          new Pretraining(
              index ->
                  PartSettings.plan(
                      settings.ofChunk(index), index, Courses.of(settings, index, chunks)),
              new Pretraining.Parts(
                  learner, remedies, optimiser, PartSettings.views(settings), ranks, mean),
              chunks,
              chunks.classes(),
              directory.root(),
              checkpoints,
              encoders::write,
              all,
              stop);
    } catch (IOException | RuntimeException | Error e) {
      Closing.after(e, opened);
      throw e;
    }
  }

  private <T extends AutoCloseable> T closedLater(T part) {
    opened.add(0, part);
    return part;
  }

  private void watch(RunEvent event) {
    health.on(event);
    knn.on(event);
    if (event instanceof RunEvent.Saved saved) {
      prune(saved.position());
    }
  }

  private static Checkpoints checkpoints(
      RunDirectory directory, Settings settings, Checkpoints.Logs logs) {
    return new Checkpoints(
        directory.checkpoints(), settings.keeping().keep(), SettingsV1.digest(settings), logs);
  }

  /**
   * Where a run stands: at the chunk whose steps are made next, be they only the rest of its trunk;
   * at the number of chunks when there are none.
   */
  static Position next(RunDirectory directory, Settings settings, RunChunks chunks)
      throws IOException {
    Optional<Position> last = checkpoints(directory, settings, () -> null).position();
    for (int i = chunks.count() - 1; i >= 0 && last.isEmpty(); i--) {
      last =
          settings.schedule().endless()
              ? Checkpoints.ofTrunk(directory.root(), i).position()
              : Checkpoints.ofChunk(directory.root(), i).position();
    }
    return last.orElse(Position.start());
  }

  Pretraining pretraining() {
    return pretraining;
  }

  /** Goes back to the last checkpoint and mends what a fault left beside it. */
  Position restore() throws IOException {
    Position from = pretraining.restore();
    if (from.equals(Position.start()) && !settings.encoder().init().isEmpty()) {
      InitialWeights.load(directory, learner);
    }
    ranks.any(false); // all have read what the first may write anew
    if (ranks.any(ranks.index() == 0 && mended(from))) {
      pretraining.saveAgain();
    }
    if (ranks.any(ranks.index() == 0 && settled(from))) {
      pretraining.saveAgain(); // so that the logs' marks count it
    }
    return from;
  }

  private boolean mended(Position from) throws IOException {
    encoders.mend(from.learned());
    boolean late = DecodeCheck.isLate(from.chunk(), directory.root(), settings.data().check());
    return log.rewind(from, late, checkpoints.marks());
  }

  private boolean settled(Position from) throws IOException {
    log.copy(settings.keeping().log());
    directory.settle(from.learned());
    return redone(from);
  }

  /** Looks again where a stop kept the run from it, at the encoder that was to be looked at. */
  private boolean redone(Position from) throws IOException {
    boolean published =
        settings.schedule().endless() && from.isBetweenChunks() && from.learned() > 0;
    if (!published) {
      return knn.redo(from, directory, learner.network().encoder());
    }
    Path file = directory.encoder(from.learned() - 1);
    if (KeptChunks.letGo(directory.root(), directory.seal(), from.learned() - 1)) {
      return false; // by an older version, which kept nothing for older checkpoints
    }
    try (EncoderFile chunk = EncoderFile.read(file, learner.network().device())) {
      return knn.redo(from, directory, chunk.net());
    }
  }

  /** Removes the older chunks of a run that is not being learned. */
  static Pruned prune(RunDirectory directory, Settings settings, RunChunks chunks, int keep)
      throws IOException {
    return KeptChunks.letGo(
        directory,
        settings,
        next(directory, settings, chunks).learned(),
        keep,
        checkpoints(directory, settings, () -> null).positions());
  }

  /**
   * After a checkpoint at a chunk's end no chunk is needed to resume or to extend but the last one
   * and those that kept checkpoints go on from, and no picture that replay drove out before the
   * oldest checkpoint.
   */
  private void prune(Position saved) {
    if (!saved.isBetweenChunks()) {
      return;
    }
    List<Position> kept;
    try {
      kept = checkpoints.positions();
    } catch (IOException damaged) {
      return; // whoever goes back to it says so; nothing that it may need goes until it is gone
    }
    try {
      KeptChunks.letGo(
          directory,
          settings,
          saved.learned(),
          KeptChunks.count(settings.keeping().keepChunks()),
          kept);
      OptionalInt first = kept.stream().mapToInt(Position::chunk).min();
      if (first.isPresent()) {
        // Without checkpoints a trunk that branched goes on from where it was in the last chunk.
        remedies.letGo(Math.max(0, first.getAsInt() - (settings.schedule().goesBack() ? 1 : 0)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.whole(e), e);
    }
  }

  /** Puts the finished encoder in its place. */
  void publish() throws IOException {
    ranks.first(
        () -> {
          encoders.publish();
          prune(pretraining.position()); // of a finished run that is to keep fewer from now on
        });
  }

  /** The network and method that settings name, freshly drawn; the caller closes them. */
  public static Learner learner(
      Settings settings, RunChunks chunks, Device device, Precision precision) {
    return Methods.of(settings).learner(settings, chunks, device, precision);
  }

  @Override
  public void close() throws IOException {
    Closing.all(opened);
  }
}
