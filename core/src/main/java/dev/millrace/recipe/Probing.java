package dev.millrace.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.probe.Accuracy;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.Features;
import dev.millrace.probe.Knn;
import dev.millrace.probe.LinearProbe;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Choice;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.Metric;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the encoders of a run on labelled sets, and keeps the answers in its {@code probes.jsonl}.
 */
public final class Probing {
  /**
   * What to ask.
   *
   * @param tasks {@code knn}, {@code linear}
   * @param data labelled sets
   * @param chunk the encoder after this chunk; null for the final one
   * @param everyChunk the encoders after every chunk instead
   * @param images training pictures of each set to use, chosen as pre-training chooses; 0 for all
   * @param threads cores to use
   * @param device where to compute
   * @param weights an encoder file instead of the run's; or null
   * @param untrained the run's net as it was before the first step instead
   * @param rawPixels no net at all: the pixels
   * @param size side of the pictures that the encoder sees, at least 8; null for the run's
   */
  public record Request(
      List<String> tasks,
      List<String> data,
      Integer chunk,
      boolean everyChunk,
      int images,
      int threads,
      String device,
      Path weights,
      boolean untrained,
      boolean rawPixels,
      Integer size) {
    /** Refuses unknown tasks and sizes below 8. */
    public Request {
      tasks = List.copyOf(tasks);
      data = List.copyOf(data);
      tasks.forEach(task -> Choice.check("--task", task, "knn", "linear"));
      if (data.isEmpty()) {
        throw new IllegalArgumentException("--data names no set to probe on");
      }
      if (size != null && size < 8) {
        throw new IllegalArgumentException("--size " + size + " is below 8 pixels");
      }
    }

    /** kNN of the final encoder on these sets, on the CPU. */
    public static Request of(String... data) {
      return new Request(
          List.of("knn"),
          List.of(data),
          null,
          false,
          0,
          Math.max(1, Runtime.getRuntime().availableProcessors()),
          "cpu",
          null,
          false,
          false,
          null);
    }
  }

  /**
   * One answer.
   *
   * @param task what was asked
   * @param data the set
   * @param split part of the set the value is of
   * @param chunk the encoder after this chunk; null when it is none of a chunk
   * @param shots for few-shot tasks
   * @param metric {@code top1} or {@code mean_per_class}
   * @param value percent
   * @param ci95 half the 95 % interval, percent, where there is one
   */
  public record Result(
      String task,
      String data,
      String split,
      Integer chunk,
      Integer shots,
      String metric,
      double value,
      Double ci95) {}

  private static final Logger LOG = LoggerFactory.getLogger(Probing.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Probing() {}

  /**
   * Asks, and appends the answers to the run's log.
   *
   * @throws IllegalArgumentException if the run lacks the encoder, or a set lacks labels or a test
   *     part
   * @throws IOException if a file cannot be read
   */
  public static List<Result> probe(Path run, Request request) throws IOException {
    return probe(run, request, Catalogue.standard());
  }

  static List<Result> probe(Path run, Request request, Catalogue catalogue) throws IOException {
    Selection selection = select(run, request);
    Settings settings = selection.settings();
    List<Encoder> encoders = selection.encoders();
    Natives.load();
    Natives.threads(request.threads());
    int size = request.size() == null ? settings.size() : request.size();
    Features features =
        new Features(
            size,
            new ViewMaker(Augmentation.mocoV2(size), Normalisation.imagenet()),
            request.threads());
    List<Result> results = new ArrayList<>();
    for (String name : request.data()) {
      DataSet set = catalogue.open(name);
      ImageSet train = RunChunks.thin(set.train(), request.images());
      ImageSet test = set.test();
      if (train.classes().isEmpty() || test.size() == 0) {
        throw new IllegalArgumentException(
            name
                + (train.classes().isEmpty() ? " has no labels" : " has no test part")
                + "; a probe needs folders {train,test}/CLASS/image");
      }
      for (Encoder encoder : encoders) {
        Split split = split(settings, request, encoder, features, train, test);
        results.addAll(judge(request, split, name, set.metric(), encoder.chunk()));
      }
    }
    log(run, results);
    return results;
  }

  /**
   * What is judged.
   *
   * @param file its weights; null for none of a file
   * @param chunk the run's chunk it was trained to; null when it is none of a chunk
   */
  record Encoder(Path file, Integer chunk) {
    /** The file's net, or the run's as it was before the first step. */
    EncoderFile open(Settings settings, Device device) throws IOException {
      return file == null ? untrained(settings, device) : EncoderFile.read(file, device);
    }
  }

  /** A run's settings, and those of its encoders that a request is about. */
  record Selection(Settings settings, List<Encoder> encoders) {}

  static Selection select(Path run, Request request) throws IOException {
    RunDirectory.require(run);
    Settings settings = Settings.read(run.resolve("run.yaml"));
    return new Selection(settings, encoders(run, settings, request));
  }

  private static List<Encoder> encoders(Path run, Settings settings, Request request) {
    if (request.rawPixels() || request.untrained()) {
      return List.of(new Encoder(null, null));
    }
    if (request.weights() != null) {
      if (!Files.isRegularFile(request.weights())) {
        throw new IllegalArgumentException(
            "--weights " + request.weights() + " is no file; give an encoder.safetensors of a run");
      }
      return List.of(new Encoder(request.weights(), null));
    }
    List<Encoder> encoders = new ArrayList<>();
    for (int chunk : chunks(run, settings, request)) {
      Path file = RunDirectory.encoder(run, chunk);
      if (!Files.exists(file)) {
        throw new IllegalArgumentException(
            run
                + " has no encoder of chunk "
                + chunk
                + " yet; finish it with `millrace resume "
                + run
                + "`, or name a chunk before it");
      }
      encoders.add(new Encoder(file, chunk));
    }
    return encoders;
  }

  private static List<Integer> chunks(Path run, Settings settings, Request request) {
    if (!request.everyChunk()) {
      int chunk = request.chunk() == null ? settings.chunks() - 1 : request.chunk();
      if (chunk < 0 || chunk >= settings.chunks()) {
        throw new IllegalArgumentException(
            "--chunk %d is none of the run's chunks 0 … %d"
                .formatted(chunk, settings.chunks() - 1));
      }
      return List.of(chunk);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < settings.chunks(); i++) {
      if (Files.exists(RunDirectory.encoder(run, i))) {
        all.add(i);
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          run + " has finished no chunk yet; continue it with `millrace resume " + run + "`");
    }
    return all;
  }

  private record Split(FeatureMatrix train, FeatureMatrix test) {}

  private static Split split(
      Settings settings,
      Request request,
      Encoder encoder,
      Features features,
      ImageSet train,
      ImageSet test)
      throws IOException {
    if (request.rawPixels()) {
      return new Split(features.pixels(train), features.pixels(test));
    }
    Device device = new Device(request.device());
    Precision precision =
        Precision.valueOf(settings.precision().toUpperCase(java.util.Locale.ROOT));
    Path file = encoder.file();
    String before = file == null ? null : Checkpoints.sha256(file);
    Split split;
    try (EncoderFile opened = encoder.open(settings, device)) {
      split =
          new Split(
              features.of(opened.net(), train, device, precision),
              features.of(opened.net(), test, device, precision));
    }
    if (file != null && !before.equals(Checkpoints.sha256(file))) {
      throw new IllegalStateException("probing changed " + file + ", which must never happen");
    }
    return split;
  }

  private static List<Result> judge(
      Request request, Split split, String data, Metric metric, Integer chunk) {
    boolean byClass = metric == Metric.MEAN_PER_CLASS;
    List<Result> results = new ArrayList<>();
    for (String task : request.tasks()) {
      Accuracy accuracy =
          task.equals("knn")
              ? Knn.accuracy(split.train(), split.test(), Knn.Settings.paper())
              : LinearProbe.fit(split.train(), LinearProbe.Settings.paper().withByClass(byClass))
                  .accuracy(split.test());
      Result result =
          new Result(
              task,
              data,
              "test",
              chunk,
              null,
              byClass ? "mean_per_class" : "top1",
              byClass ? accuracy.meanPerClass() : accuracy.top1(),
              null);
      LOG.info(
          "{} on {} after chunk {}: {} % {}",
          task, data, chunk, "%.2f".formatted(result.value()), result.metric());
      results.add(result);
    }
    return results;
  }

  private static EncoderFile untrained(Settings settings, Device device) {
    EncoderFile encoder =
        EncoderFile.untrained(PartSettings.shape(settings), settings.size(), Map.of(), device);
    encoder.net().initialise(Draw.of(settings.seed(), "encoder"));
    return encoder;
  }

  static void log(Path run, List<Result> results) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Result result : results) {
      ObjectNode line = JSON.valueToTree(result);
      lines.append(JSON.writeValueAsString(line)).append('\n');
    }
    Files.writeString(
        run.resolve("probes.jsonl"),
        lines,
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
