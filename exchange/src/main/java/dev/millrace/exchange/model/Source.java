package dev.millrace.exchange.model;

import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.KeptChunks;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.file.WeightsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which encoder is exported, before it is read.
 *
 * @param file its weights
 * @param run the run it is of; null for a file that was given
 * @param chunk the run's chunk it was trained to, counted from 0; null for a file that was given
 * @param chunks of the run; 0 for a file that was given
 * @param data the run's sets, as its settings name them; empty for a file that was given
 */
record Source(Path file, Path run, Integer chunk, int chunks, List<String> data) {
  private static final Logger LOG = LoggerFactory.getLogger(Source.class);

  Source {
    data = List.copyOf(data);
  }

  /**
   * The encoder that a request names.
   *
   * @throws IllegalArgumentException if it names none, two, or one that is not there
   */
  static Source of(ModelExport.Request request) throws IOException {
    if ((request.run() == null) == (request.weights() == null)) {
      throw UsageException.of(
          "--weights",
          request.run() == null
              ? "is not given, and no RUN either; name a run's folder or a file of weights"
              : request.weights()
                  + " and RUN "
                  + request.run()
                  + " are two encoders; name one of them");
    }
    return request.run() == null
        ? ofFile(request.weights(), request.chunk())
        : ofRun(request.run(), request.chunk());
  }

  private static Source ofFile(Path file, Integer chunk) {
    if (chunk != null) {
      throw UsageException.of(
          "--chunk", chunk + " is of a run, and --weights " + file + " is none; leave one out");
    }
    if (!WeightsFile.of(file).exists()) {
      throw UsageException.of(
          "--weights", file + " is no file; give an encoder.safetensors of a run");
    }
    return new Source(file, null, null, 0, List.of());
  }

  private static Source ofRun(Path run, Integer asked) throws IOException {
    RunFolder folder = RunFolder.of(run).require();
    Settings settings = Settings.ofRun(run);
    int chunks = settings.stream().chunks();
    if (asked != null && (asked < 0 || asked >= chunks)) {
      throw UsageException.of(
          "--chunk",
          "%d is none of the run's chunks, counted from 0: 0 … %d".formatted(asked, chunks - 1));
    }
    Path file = asked == null ? folder.encoder() : folder.encoder(asked);
    Optional<PublishedEncoder> published =
        asked == null ? PublishedEncoder.of(run) : Optional.empty();
    if (asked == null ? published.isEmpty() : !Files.isRegularFile(file)) {
      if (asked != null) {
        KeptChunks.require(run, settings, asked, "--chunk %d asks for".formatted(asked));
      }
      throw new IllegalArgumentException(
          "%s has no %s yet; finish it with %s, or name a finished chunk with --chunk"
              .formatted(run, run.relativize(file), ShellWords.resume(run)));
    }
    published.filter(PublishedEncoder::older).ifPresent(old -> LOG.warn("{}", old.words()));
    int chunk = asked == null ? published.get().chunk() : asked;
    List<String> data = new ArrayList<>();
    settings.data().sets().forEach(set -> data.add(settings.place(set)));
    settings.history().extensions().forEach(set -> data.add(settings.place(set)));
    return new Source(file, run, chunk, chunks, data);
  }

  /** The sets without the folders they lie in. */
  List<String> setNames() {
    return data.stream().map(Source::nameOf).toList();
  }

  /** A set's own name, without the folder that it lies in. */
  static String nameOf(String set) {
    return set.startsWith("generated:")
        ? set
        : String.valueOf(Path.of(set).toAbsolutePath().normalize().getFileName());
  }

  /**
   * Where a model goes when nothing else is said: beside the encoder, called as it; weights alone
   * {@code model.safetensors}, as model hubs call them.
   */
  Path out(Format format, boolean half) {
    String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    return file.resolveSibling(
        (format == Format.SAFETENSORS ? "model" : name)
            + (half ? "-fp16" : "")
            + "."
            + format.ending());
  }
}
