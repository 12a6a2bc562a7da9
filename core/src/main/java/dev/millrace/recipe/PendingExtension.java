package dev.millrace.recipe;

import dev.millrace.file.AtomicFiles;
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

  /**
   * Notes what is to be learned.
   *
   * @param chunks that the run has before
   */
  void begin(int chunks, String set) throws IOException {
    AtomicFiles.write(file, (chunks + " " + set).getBytes(StandardCharsets.UTF_8));
  }

  /** It has begun, or whoever asked for it was told that it has not. */
  void end() throws IOException {
    Files.deleteIfExists(file);
  }

  /**
   * Says once that nothing was learned of it.
   *
   * @param chunks that the run has now: one more, if it did begin
   */
  void say(Path run, int chunks) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    String[] noted = Files.readString(file, StandardCharsets.UTF_8).split(" ", 2);
    if (noted.length == 2 && noted[0].equals(Integer.toString(chunks))) {
      LOG.warn(
          "an extension of {} was ended before it began, and nothing was learned of {}; give the same `millrace extend` again",
          run,
          noted[1]);
    }
    end();
  }
}
