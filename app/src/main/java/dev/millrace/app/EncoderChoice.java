package dev.millrace.app;

import dev.millrace.learn.run.RunDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Which encoder a command shall use: a finished run's, or that of a file. */
final class EncoderChoice {
  private EncoderChoice() {}

  /**
   * The encoder's file.
   *
   * @param run the folder of a run; or null
   * @param weights a file; or null
   * @throws ParameterException if neither or both are given
   * @throws IllegalArgumentException if there is no such encoder
   */
  static Path file(CommandSpec spec, Path run, Path weights) {
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
      if (!Files.isRegularFile(weights)) {
        throw new IllegalArgumentException(
            "--weights " + weights + " is no file; give an encoder.safetensors of a run");
      }
      return weights;
    }
    RunDirectory.require(run);
    Path file = run.resolve("encoder.safetensors");
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "%s is not finished and has no encoder yet; finish it with `millrace resume %s`, or take a chunk's with --weights %s"
              .formatted(run, run, RunDirectory.encoder(run, 0)));
    }
    return file;
  }
}
