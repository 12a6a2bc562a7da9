package dev.millrace.evaluation;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.file.Sha256;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.KeptChunks;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Wiring;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.file.EncoderWeights;
import dev.millrace.vision.encoder.file.WeightsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which encoder is judged.
 *
 * @param label {@code pretrained}, {@code momentum}, {@code untrained}, {@code raw-pixels}, or the
 *     file as it was given
 * @param chunk the run's chunk it was trained to; null when it is none of a chunk
 * @param file its weights, of a momentum twin the run; null for none of a file
 * @param sha256 checksum of what it is: of the file's bytes, or of what an untrained net comes from
 */
public record ProbedEncoder(String label, Integer chunk, Path file, String sha256) {
  private static final Logger LOG = LoggerFactory.getLogger(ProbedEncoder.class);

  public static final String PRETRAINED = "pretrained";
  static final String MOMENTUM = "momentum";
  static final String UNTRAINED = "untrained";
  static final String RAW_PIXELS = "raw-pixels";

  /** Those that a request asks for: the comparisons it names, else the run's own. */
  static List<ProbedEncoder> of(Path run, Settings settings, ProbeRequest request)
      throws IOException {
    List<ProbedEncoder> encoders = new ArrayList<>();
    if (request.encoders().weights() != null) {
      if (!WeightsFile.of(request.encoders().weights()).exists()) {
        throw UsageException.of(
            "--weights",
            request.encoders().weights()
                + " is no file; give an encoder.safetensors of a run, or a state dict of a ResNet or ViT");
      }
      encoders.add(
          ofFile(request.encoders().weights().toString(), null, request.encoders().weights()));
    }
    if (request.encoders().untrained()) {
      encoders.add(untrained(run, settings));
    }
    if (request.encoders().rawPixels()) {
      encoders.add(rawPixels());
    }
    if (!encoders.isEmpty()) {
      return encoders;
    }
    for (int chunk : chunks(run, settings, request)) {
      ProbedEncoder encoder = pretrained(run, chunk);
      if (encoder == null) {
        KeptChunks.require(run, settings, chunk, "--chunk %d asks for".formatted(chunk));
        throw new IllegalArgumentException(
            run
                + " has no encoder of "
                + ChunkWords.of(chunk)
                + " yet; finish it with "
                + ShellWords.resume(run)
                + ", or name a chunk before it, counted from 0, by --chunk");
      }
      encoders.add(encoder);
      if (request.encoders().momentum()) {
        encoders.add(momentum(run, settings, encoder));
      }
    }
    if (request.encoders().baselines() && !ProbeTasks.frozen(request.tasks()).isEmpty()) {
      encoders.addAll(baselines(run, settings));
    }
    return encoders;
  }

  private static List<ProbedEncoder> baselines(Path run, Settings settings) throws IOException {
    if (!settings.encoder().init().isEmpty() && !Files.exists(RunFolder.of(run).init())) {
      LOG.warn("{} is gone: nothing stands for the untrained encoder", RunFolder.of(run).init());
      return List.of(rawPixels());
    }
    return List.of(untrained(run, settings), rawPixels());
  }

  /** Whether it stands beside the run's encoders without being asked for by name. */
  boolean baseline(ProbeRequest request) {
    return request.encoders().baselines() && !ofRun();
  }

  /** Whether it is what the run has learned. */
  boolean ofRun() {
    return label.equals(PRETRAINED) || label.equals(MOMENTUM);
  }

  /** Those of some encoders that were asked for by name. */
  static List<ProbedEncoder> asked(List<ProbedEncoder> encoders, ProbeRequest request) {
    return encoders.stream().filter(encoder -> !encoder.baseline(request)).toList();
  }

  /** Those of some tasks that it answers: what trains a net is not done for a baseline. */
  List<String> tasks(List<String> tasks, ProbeRequest request) {
    return baseline(request) ? ProbeTasks.frozen(tasks) : tasks;
  }

  /** The run's encoder after a chunk; null when it is not there. */
  public static ProbedEncoder pretrained(Path run, int chunk) throws IOException {
    Path file = RunFolder.of(run).encoder(chunk);
    return Files.exists(file) ? ofFile(PRETRAINED, chunk, file) : null;
  }

  /** The momentum twin that stood beside a run's encoder. */
  private static ProbedEncoder momentum(Path run, Settings settings, ProbedEncoder beside)
      throws IOException {
    if (!Methods.of(settings).twin()) {
      throw UsageException.of(
          "--momentum",
          "asks for a momentum encoder, and --method %s keeps none; leave it out"
              .formatted(settings.methodName()));
    }
    if (Checkpoints.ofChunk(run, beside.chunk()).position().isEmpty()) {
      throw noState(run, beside.chunk());
    }
    return twinOf(run, beside);
  }

  /** The twin beside an encoder of the run, whether or not its state is still there. */
  static ProbedEncoder twinOf(Path run, ProbedEncoder beside) {
    return new ProbedEncoder(
        MOMENTUM, beside.chunk(), run, Sha256.of("momentum twin of " + beside.sha256()));
  }

  private static UsageException noState(Path run, int chunk) {
    return UsageException.of(
        "--momentum",
        "asks for the momentum encoder of %s, which is in the state at its end, and %s has none of it any more; leave it out"
            .formatted(ChunkWords.of(chunk), run));
  }

  /** The run's net before its first step: as drawn, or as it was given. */
  public static ProbedEncoder untrained(Path run, Settings settings) throws IOException {
    if (!settings.encoder().init().isEmpty()) {
      Path kept = RunFolder.of(run).init();
      if (!Files.exists(kept)) {
        throw new IllegalArgumentException(
            "%s is gone, so the encoder before any training is not known; make it again by `%s`, with the run's other flags"
                .formatted(
                    kept,
                    ShellWords.of("millrace", "pretrain", "--init", settings.encoder().init())));
      }
      return ofFile(UNTRAINED, null, kept);
    }
    return new ProbedEncoder(
        UNTRAINED,
        null,
        null,
        Sha256.of(PartSettings.encoder(settings) + " drawn from seed " + settings.stream().seed()));
  }

  static ProbedEncoder rawPixels() {
    return new ProbedEncoder(RAW_PIXELS, null, null, Sha256.of(RAW_PIXELS));
  }

  private static ProbedEncoder ofFile(String label, Integer chunk, Path file) throws IOException {
    return new ProbedEncoder(label, chunk, file, WeightsFile.of(file).sha256());
  }

  private static List<Integer> chunks(Path run, Settings settings, ProbeRequest request)
      throws IOException {
    if (!request.encoders().everyChunk()) {
      int chunk =
          request.encoders().chunk() == null ? last(run, settings) : request.encoders().chunk();
      if (chunk < 0 || chunk >= settings.stream().chunks()) {
        throw UsageException.of(
            "--chunk",
            "%d is none of the run's chunks, counted from 0: 0 … %d"
                .formatted(chunk, settings.stream().chunks() - 1));
      }
      return List.of(chunk);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < settings.stream().chunks(); i++) {
      if (Files.exists(RunFolder.of(run).encoder(i))) {
        all.add(i);
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          run + " has finished no chunk yet; continue it with " + ShellWords.resume(run));
    }
    return all;
  }

  /** The last chunk; while an extension is learned, the last before it. */
  private static int last(Path run, Settings settings) throws IOException {
    int last = settings.stream().chunks() - 1;
    if (Files.exists(RunFolder.of(run).encoder(last))) {
      return last;
    }
    Optional<PublishedEncoder> published = PublishedEncoder.of(run, settings.stream().chunks());
    if (published.isEmpty() || !published.get().older()) {
      return last;
    }
    LOG.warn("{}", published.get().words());
    return published.get().chunk();
  }

  boolean net() {
    return !label.equals(RAW_PIXELS);
  }

  /** What a person reads: the label, and the chunk where it is not the run's last. */
  String shown(Settings settings) {
    if (chunk == null || chunk == settings.stream().chunks() - 1) {
      return label;
    }
    return (label.equals(MOMENTUM) ? "momentum after " : "after ") + ChunkWords.of(chunk);
  }

  /** Which network it is. Not for raw pixels. */
  EncoderSpec spec(Settings settings) throws IOException {
    return file != null && !label.equals(MOMENTUM)
        ? EncoderWeights.of(file).spec()
        : PartSettings.encoder(settings);
  }

  /** The net; the caller closes it. Not for raw pixels. */
  public EncoderFile open(Settings settings, Device device) throws IOException {
    if (file != null && !label.equals(MOMENTUM)) {
      return EncoderFile.read(file, settings.views().size(), device);
    }
    EncoderFile encoder =
        EncoderFile.untrained(
            PartSettings.encoder(settings), settings.views().size(), Map.of(), device);
    if (label.equals(MOMENTUM)) {
      loadTwin(settings, encoder, device);
    } else {
      encoder.net().initialise(Draw.of(settings.stream().seed(), "encoder"));
    }
    return encoder;
  }

  private void loadTwin(Settings settings, EncoderFile into, Device device) throws IOException {
    try (PointerScope scope = new PointerScope();
        Learner learner = Wiring.learner(settings, null, device, Precision.FP32)) {
      if (Checkpoints.ofChunk(file, chunk).restorePart(learner.state()).isEmpty()) {
        throw noState(file, chunk);
      }
      into.net().load(learner.method().twin().orElseThrow().encoder().state());
    } catch (IOException | RuntimeException e) {
      into.close();
      throw e;
    }
  }

  /**
   * That judging has left the file as it was.
   *
   * @throws IllegalStateException if not
   */
  void requireUnchanged() throws IOException {
    if (file != null && !label.equals(MOMENTUM) && !sha256.equals(WeightsFile.of(file).sha256())) {
      throw new IllegalStateException(file + " changed while it was probed; probe it again");
    }
  }
}
