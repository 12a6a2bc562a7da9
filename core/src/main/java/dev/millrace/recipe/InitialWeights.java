package dev.millrace.recipe;

import dev.millrace.engine.Device;
import dev.millrace.engine.Safetensors;
import dev.millrace.file.Sha256;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.file.EncoderWeights;
import dev.millrace.vision.encoder.file.WeightsFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights that {@code --init} names, checked before the run has a folder and then kept in it as
 * an encoder file, so that the run needs its origin no more. Looked at and kept without libtorch:
 * run.yaml comes before that.
 */
final class InitialWeights {
  private static final Logger LOG = LoggerFactory.getLogger(InitialWeights.class);

  private final WeightsFile file;
  private final String sha256;
  private final EncoderWeights weights;
  private final EncoderSpec spec;

  private InitialWeights(
      WeightsFile file, String sha256, EncoderWeights weights, EncoderSpec spec) {
    this.file = file;
    this.sha256 = sha256;
    this.weights = weights;
    this.spec = spec;
  }

  /**
   * What the settings ask to start from; null where nothing is named.
   *
   * @throws IllegalArgumentException if the file is not there, is not the one whose checksum the
   *     settings hold, or does not fit the encoder
   * @throws IOException if it cannot be read
   */
  static InitialWeights of(Settings settings) throws IOException {
    if (settings.encoder().init().isEmpty()) {
      return null;
    }
    WeightsFile file = WeightsFile.of(Path.of(settings.encoder().init()));
    if (!file.exists()) {
      throw UsageException.of(
          "--init", file + " is no file; give a .safetensors or .pth file of weights");
    }
    String sha256 = file.sha256();
    if (!settings.history().initSha256().isEmpty()
        && !settings.history().initSha256().equals(sha256)) {
      throw UsageException.of(
          "--init",
          "%s has the checksum %s, and init-sha256 asks for %s; give that file, or leave init-sha256 out"
              .formatted(file, sha256, settings.history().initSha256()));
    }
    EncoderSpec spec = PartSettings.encoder(settings);
    EncoderWeights weights = EncoderWeights.of(file);
    weights.requireFit(spec, "--init");
    return new InitialWeights(file, sha256, weights, spec);
  }

  /** The settings with the file's checksum, which a resume and the encoder's metadata go by. */
  Settings in(Settings settings) {
    return settings.with("init-sha256", sha256);
  }

  /** Keeps the weights in a new run. */
  void keep(RunDirectory directory, Settings settings) throws IOException {
    weights.write(
        directory.init(),
        spec,
        settings.views().size(),
        Normalisation.imagenet(),
        Map.of("init-sha256", sha256));
    if (!file.sha256().equals(sha256)) {
      Files.delete(directory.init());
      throw new IOException(file + " changed while it was read; start the run again");
    }
    LOG.info("starting from {}: {}", file, weights.told(spec));
  }

  /**
   * Gives a network that has made no step the weights that its run keeps.
   *
   * @throws IOException if they are not there any more, or were changed
   */
  static void load(RunDirectory directory, Learner learner) throws IOException {
    Path kept = directory.init();
    String expected = RunFiles.keptInit(directory);
    String found = Files.exists(kept) ? Sha256.of(kept) : "no such file";
    if (!found.equals(expected)) {
      throw new IOException(
          "%s is damaged: expected checksum %s, found %s; the run has made no step yet, so delete %s and start it again"
              .formatted(kept, expected, found, directory.root()));
    }
    try (PointerScope scope = new PointerScope()) {
      learner.startFrom(Safetensors.read(kept, new Device("cpu")).tensors());
    }
  }
}
