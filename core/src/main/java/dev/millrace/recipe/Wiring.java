package dev.millrace.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.engine.AtomicFiles;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.Supervised;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.learn.retention.FineTune;
import dev.millrace.learn.retention.Mas;
import dev.millrace.learn.retention.Retention;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.Plan;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.Pretraining;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.memory.Keep;
import dev.millrace.stream.memory.ReplayMemory;
import dev.millrace.stream.memory.Reservoir;
import dev.millrace.stream.memory.UniformShare;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.encoder.ResNetShape;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Settings, wired: every part of one call of a run, closed together. */
final class Wiring implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long CACHE_BYTES = 512L << 20;

  private final RunDirectory directory;
  private final Settings settings;
  private final RunChunks chunks;
  private final Method method;
  private final Retention retention;
  private final Sgd sgd;
  private final ReplayMemory memory;
  private final Pretraining pretraining;

  Wiring(
      RunDirectory directory,
      Settings settings,
      RunChunks chunks,
      RunEvent.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    this.directory = directory;
    this.settings = settings;
    this.chunks = chunks;
    Natives.load();
    Natives.threads(settings.threads());
    Device device = new Device(settings.device());
    method = method(settings, chunks, device);
    retention =
        settings.mas() > 0
            ? new Mas(
                Mas.Settings.of(settings.mas()),
                method.weights().flat().narrow(0, 0, method.encoderSize()))
            : new FineTune();
    sgd = new Sgd(new Sgd.Settings(0.9, settings.weightDecay()), method.weights());
    memory = memory(settings, directory);
    Plan plan = plan(settings);
    pretraining =
        new Pretraining(
            plan,
            new Pretraining.Parts(
                method, retention, sgd, memory, views(settings), settings.size(), device),
            chunks,
            chunks.classes(),
            directory.root(),
            new Checkpoints(directory.checkpoints(), settings.keep(), digest(settings)),
            this::writeEncoder,
            event -> {
              log(event);
              listener.on(event);
            },
            stop);
  }

  Pretraining pretraining() {
    return pretraining;
  }

  /** Takes back what the logs say of steps that will be made again. */
  void rewind(Position from) throws IOException {
    directory.rewind(directory.metrics(), "step", from.total());
    directory.rewind(directory.quarantine(), "chunk", from.chunk() - 1L);
  }

  /** Puts the finished encoder in its place. */
  void publish() throws IOException {
    Path last = directory.encoder(chunks.count() - 1);
    byte[] bytes = Files.readAllBytes(last);
    if (!Files.exists(directory.encoder())
        || !java.util.Arrays.equals(bytes, Files.readAllBytes(directory.encoder()))) {
      AtomicFiles.write(directory.encoder(), bytes);
    }
  }

  private static Method method(Settings settings, RunChunks chunks, Device device) {
    ResNetShape shape = shape(settings);
    Precision precision =
        Precision.valueOf(settings.precision().toUpperCase(java.util.Locale.ROOT));
    return switch (settings.method()) {
      case "moco-v2" ->
          new MoCoV2(
              new MoCoV2.Settings(
                  settings.queue(),
                  settings.momentum(),
                  settings.temperature(),
                  settings.dim(),
                  settings.bnSplits()),
              shape,
              device,
              precision,
              settings.seed());
      case "supervised", "supervised-mlp" ->
          new Supervised(
              new Supervised.Settings(
                  chunks.classes().size(),
                  settings.method().equals("supervised-mlp"),
                  settings.newHead()),
              shape,
              device,
              precision,
              settings.seed());
      default ->
          throw new IllegalArgumentException("--method " + settings.method() + " is unknown");
    };
  }

  private static int viewWorkers(Settings settings) {
    return Math.max(1, settings.threads() / 4);
  }

  /** The net that settings describe. */
  static ResNetShape shape(Settings settings) {
    return new ResNetShape(
        settings.encoder(),
        settings.width(),
        settings.smallStem() ? ResNetShape.Stem.SMALL : ResNetShape.Stem.IMAGENET);
  }

  private static ReplayMemory memory(Settings settings, RunDirectory directory) throws IOException {
    if (settings.replay() == 0 && settings.memoryImages() == 0) {
      return null;
    }
    Keep keep =
        settings.replay() > 0
            ? new UniformShare(settings.replay())
            : new Reservoir(settings.memoryImages());
    return ReplayMemory.open(directory.memory(), keep, settings.seed());
  }

  private static ViewMaker views(Settings settings) {
    Augmentation paper = Augmentation.mocoV2(settings.size());
    double blur =
        switch (settings.blur()) {
          case "on" -> 0.5;
          case "off" -> 0;
          default -> paper.blurProbability();
        };
    Augmentation chosen =
        new Augmentation(
            paper.size(),
            settings.cropMin(),
            paper.cropMax(),
            paper.jitterProbability(),
            paper.brightness(),
            paper.contrast(),
            paper.saturation(),
            paper.hue(),
            paper.greyProbability(),
            blur,
            paper.blurMin(),
            paper.blurMax(),
            paper.flipProbability());
    return new ViewMaker(chosen, Normalisation.imagenet());
  }

  private static Plan plan(Settings settings) {
    return new Plan(
        settings.seed(),
        settings.epochs(),
        settings.batch(),
        settings.lr(),
        settings.warmup(),
        settings.replayDraw().equals("balanced") ? Sampler.Mix.BALANCED : Sampler.Mix.UNIFORM,
        settings.maxBad(),
        settings.checkpointSteps(),
        settings.checkpointMinutes() * 60,
        viewWorkers(settings),
        settings.threads(),
        CACHE_BYTES);
  }

  private void writeEncoder(Method trained, Path file) throws IOException {
    Map<String, String> about = new TreeMap<>();
    about.put("settings", JSON.writeValueAsString(settings.asMap()));
    about.put("data", chunks.fingerprint());
    EncoderFile.write(file, trained.encoder(), settings.size(), Normalisation.imagenet(), about);
  }

  private void log(RunEvent event) {
    try {
      if (event instanceof RunEvent.Stepped s) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", s.position().total());
        line.put("chunk", s.chunk()).put("epoch", s.epoch());
        line.put("loss", s.loss())
            .put("lr", s.lr())
            .put("images_per_s", s.pictures() / s.seconds());
        directory.append(directory.metrics(), line);
      } else if (event instanceof RunEvent.Quarantined q) {
        // A chunk that is opened again after a resume is checked again: its lines are replaced.
        directory.rewind(directory.quarantine(), "chunk", q.chunk().index() - 1L);
        for (var bad : q.bad()) {
          ObjectNode line = JSON.createObjectNode();
          line.put("chunk", q.chunk().index()).put("id", bad.id()).put("reason", bad.reason());
          directory.append(directory.quarantine(), line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write the run's log in " + directory.root() + ": " + e.getMessage(), e);
    }
  }

  /** What a checkpoint depends on; the data is guarded by the chunks' own fingerprints. */
  private static String digest(Settings settings) throws IOException {
    Map<String, Object> map = new TreeMap<>(settings.asMap());
    map.keySet().removeAll(java.util.List.of("data", "extensions", "chunks"));
    try {
      byte[] bytes = JSON.writeValueAsString(map).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() throws IOException {
    sgd.close();
    retention.close();
    method.close();
    if (memory != null) {
      memory.close();
    }
  }
}
