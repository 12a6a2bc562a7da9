package dev.millrace.recipe;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That a run is about to be extended, while its data is looked at: the run lists the new chunk only
 * afterwards, and a process that is killed before leaves this alone.
 */
record PendingExtension(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(PendingExtension.class);

  static PendingExtension of(Path run) {
    return new PendingExtension(RunFolder.of(run).extending());
  }

  /** Notes which set is to be learned. */
  void begin(String set) throws IOException {
    AtomicFiles.write(file, set.getBytes(StandardCharsets.UTF_8));
  }

  /** It has begun, or whoever asked for it was told that it has not. */
  void end() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Says once that nothing was learned of it. */
  void say(Path run) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try {
      LOG.warn(
          "the last `millrace extend` was ended before it began, and nothing was learned of {}; give it again: millrace extend {} --data {}",
          Files.readString(file, StandardCharsets.UTF_8),
          run,
          Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, Reason.of(e));
    }
    end();
  }
}
