package dev.millrace.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.Supervised;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.learn.retention.FineTune;
import dev.millrace.learn.retention.Mas;
import dev.millrace.learn.retention.Retention;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.metric.LogFormat;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.ReplayMemory;
import dev.millrace.vision.encoder.ResNetShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Settings, wired: every part of one call of a run, closed together. */
final class Wiring implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Settings that change nothing of an encoder: where data and first weights lie, which fingerprint
   * and checksum guard, and how a run is kept.
   */
  private static final List<String> HOUSEKEEPING =
      List.of(
          "data",
          "extensions",
          "init",
          "hierarchy",
          "places",
          "layouts",
          "keep",
          "keep-chunks",
          "log",
          "knn-every",
          "raised-max-bad",
          "checkpoint-steps",
          "checkpoint-minutes");

  private final RunDirectory directory;
  private final Settings settings;
  private final Method method;
  private final Retention retention;
  private final Sgd sgd;
  private final ReplayMemory memory;
  private final Pretraining pretraining;
  private final RunLog log;
  private final Checkpoints checkpoints;
  private final ChunkEncoders encoders;
  private final HealthCheck health;
  private final KnnWatch knn;

  /**
   * @param chunk the next to be learned, whose threads and device are used
   */
  Wiring(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      int chunk,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    Natives.load();
    Settings machine = settings.ofChunk(chunk);
    Natives.threads(machine.threads());
    Device device = PartSettings.device(machine).require();
    log = new RunLog(directory);
    method = method(settings, chunks, device, PartSettings.precision(settings));
    retention =
        settings.mas() > 0
            ? new Mas(
                PartSettings.mas(settings),
                method.weights().flat().narrow(0, 0, method.encoderSize()))
            : new FineTune();
    sgd = new Sgd(PartSettings.sgd(settings), method.weights());
    memory = memory(settings, directory);
    checkpoints =
        new Checkpoints(directory.checkpoints(), settings.keep(), digest(settings), log::mark);
    encoders = new ChunkEncoders(directory, settings, chunks, device);
    RunEvent.Listener told = log.before(listener);
    health = new HealthCheck(settings, device, log::bestRank, told);
    knn = new KnnWatch(machine, chunks.catalogue(), directory.root(), device, told, stop);
    pretraining =
        new Pretraining(
            index -> PartSettings.plan(settings.ofChunk(index), index),
            new Pretraining.Parts(
                method, retention, sgd, memory, PartSettings.views(settings), device),
            chunks,
            chunks.classes(),
            directory.root(),
            checkpoints,
            encoders::write,
            event -> {
              told.on(event);
              health.on(event);
              knn.on(event);
              if (event instanceof RunEvent.Saved saved) {
                prune(saved.position());
              }
            },
            stop);
  }

  /** The chunk of a run that is learned next; the number of chunks when all are. */
  static int next(RunDirectory directory, Settings settings, RunChunks chunks) throws IOException {
    Optional<Position> last =
        new Checkpoints(directory.checkpoints(), settings.keep(), digest(settings), () -> null)
            .position();
    for (int i = chunks.count() - 1; i >= 0 && last.isEmpty(); i--) {
      last = Checkpoints.ofChunk(directory.root(), i).position();
    }
    return last.map(Position::chunk).orElse(0);
  }

  Pretraining pretraining() {
    return pretraining;
  }

  /** Goes back to the last checkpoint and mends what a fault left beside it. */
  Position restore() throws IOException {
    Position from = pretraining.restore();
    if (from.equals(Position.start()) && !settings.init().isEmpty()) {
      InitialWeights.load(directory, method);
    }
    encoders.mend(from.chunk());
    if (log.rewind(from, checkpoints.marks())) {
      pretraining.saveAgain();
    }
    log.copy(settings.log().stream().map(LogFormat::of).toList());
    directory.settle(from.chunk());
    if (knn.redo(from, directory, method.encoder())) {
      pretraining.saveAgain(); // so that the logs' marks count it
    }
    return from;
  }

  /** After a checkpoint at a chunk's end no older chunk is needed to resume or to extend. */
  private void prune(Position saved) {
    if (saved.epoch() > 0 || saved.step() > 0) {
      return;
    }
    try {
      KeptChunks.letGo(directory, saved.chunk(), KeptChunks.count(settings.keepChunks()));
    } catch (IOException e) {
      throw new UncheckedIOException(Reason.whole(e), e);
    }
  }

  /** Puts the finished encoder in its place. */
  void publish() throws IOException {
    encoders.publish();
    prune(pretraining.position()); // of a finished run that is to keep fewer from now on
  }

  /** The method that settings name, freshly drawn; the caller closes it. */
  static Method method(Settings settings, RunChunks chunks, Device device, Precision precision) {
    ResNetShape shape = PartSettings.shape(settings);
    return PartSettings.supervised(settings)
        ? new Supervised(
            PartSettings.supervised(settings, chunks), shape, device, precision, settings.seed())
        : new MoCoV2(PartSettings.moco(settings), shape, device, precision, settings.seed());
  }

  private static ReplayMemory memory(Settings settings, RunDirectory directory) throws IOException {
    Keep keep = PartSettings.keep(settings);
    return keep == null ? null : ReplayMemory.open(directory.memory(), keep, settings.seed());
  }

  /** The settings that make an encoder what it is: no path, and nothing of how a run is kept. */
  static Map<String, Object> published(Settings settings) {
    Map<String, Object> map = effective(settings);
    map.keySet().removeAll(HOUSEKEEPING);
    return map;
  }

  /** Without a setting that is newer than runs which did without it and can still be resumed. */
  private static Map<String, Object> effective(Settings settings) {
    Map<String, Object> map = new TreeMap<>(settings.asMap());
    map.remove("order-seed", null);
    map.remove("order-seed", map.get("seed"));
    map.remove("images-per-class", 0);
    map.remove("init-sha256", "");
    map.remove("layout", "auto");
    map.remove("chunk-settings", Map.of());
    return map;
  }

  /** What a checkpoint depends on; the data is guarded by the chunks' own fingerprints. */
  static String digest(Settings settings) throws IOException {
    Map<String, Object> map = new TreeMap<>(HeadSetting.asBefore(effective(settings)));
    map.keySet().removeAll(HOUSEKEEPING);
    map.keySet().removeAll(List.of("chunks", "chunk-settings")); // an extension adds to them
    return Sha256.of(JSON.writeValueAsString(map));
  }

  @Override
  public void close() throws IOException {
    log.close();
    health.close();
    sgd.close();
    retention.close();
    method.close();
    if (memory != null) {
      memory.close();
    }
  }
}
