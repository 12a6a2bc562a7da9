package dev.millrace.app.embed;

import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.file.WeightsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Which encoder a command shall use: a finished run's, or that of a file. */
final class EncoderFlags {
  @Parameters(
      paramLabel = "RUN",
      arity = "0..1",
      description = "folder of a finished run; or give --weights")
  private Path run;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "instead of a run: an encoder.safetensors, or weights of torchvision's, timm's or a training script's (.safetensors, .pth); FILE#teacher chooses one of several in it")
  private Path weights;

  /** The run; null if a file was given. */
  Path run() {
    return run;
  }

  /** The file; null if a run was given. */
  Path weights() {
    return weights;
  }

  /**
   * The encoder's file.
   *
   * @throws ParameterException if neither or both are given
   * @throws IllegalArgumentException if there is no such encoder
   * @throws IOException if the run cannot be read
   */
  Path file(CommandSpec spec) throws IOException {
    if ((run == null) == (weights == null)) {
      throw new ParameterException(
          spec.commandLine(),
          run == null
              ? "which encoder? Give a RUN, or --weights with an encoder.safetensors"
              : "RUN "
                  + run
                  + " and --weights "
                  + weights
                  + " both name an encoder; leave one out");
    }
    if (weights != null) {
      if (!WeightsFile.of(weights).exists()) {
        throw UsageException.of(
            "--weights", weights + " is no file; give an encoder.safetensors of a run");
      }
      return weights;
    }
    Optional<PublishedEncoder> published = PublishedEncoder.of(run);
    if (published.isEmpty()) {
      throw new IllegalArgumentException(
          "%s is not finished and has no encoder yet; finish it with %s, or take a chunk's with %s"
              .formatted(
                  run,
                  ShellWords.resume(run),
                  ShellWords.of("--weights", RunFolder.of(run).encoder(0))));
    }
    if (published.get().older()) {
      System.err.println(published.get().words());
    }
    return published.get().file();
  }
}
