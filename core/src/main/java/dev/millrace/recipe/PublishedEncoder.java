package dev.millrace.recipe;

import dev.millrace.file.Sha256;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.learn.run.RunState;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The encoder of a run that others read: the finished one, or, while an extension is learned, the
 * one before it. Immutable.
 *
 * @param run the run's folder
 * @param file the encoder; a whole one at any moment
 * @param chunk the last chunk that it has learned, counted from 0
 * @param chunks of the run
 */
public record PublishedEncoder(Path run, Path file, int chunk, int chunks) {
  /**
   * The encoder of a run, which need not be locked.
   *
   * @return nothing before the run is finished for the first time
   * @throws IllegalArgumentException if the path is no run
   * @throws IOException if the run's settings or its state cannot be read
   */
  public static Optional<PublishedEncoder> of(Path run) throws IOException {
    RunFolder folder = RunFolder.of(run).require();
    return Files.isRegularFile(folder.encoder())
        ? of(run, Settings.ofRun(run).stream().chunks())
        : Optional.empty();
  }

  public static Optional<PublishedEncoder> of(Path run, int chunks) throws IOException {
    RunFolder folder = RunFolder.of(run);
    Path file = folder.encoder();
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    RunState state = folder.state();
    int learned = state == null ? chunks : Math.min(state.learned(), chunks);
    // A kill may have come between the new encoder and the line that says so.
    boolean old = learned < chunks && Sha256.of(file).equals(state.encoder());
    return Optional.of(new PublishedEncoder(run, file, (old ? learned : chunks) - 1, chunks));
  }

  /** Whether the run has chunks that it has not learned. */
  public boolean older() {
    return chunk < chunks - 1;
  }

  /** What one has to know of an older one, for a person. */
  public String words() {
    return "%s is being extended, or was stopped in that (then %s continues): this is its encoder after %s"
        .formatted(run, ShellWords.resume(run), ChunkWords.of(chunk, chunks));
  }
}
