package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.SealedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bad pictures of a chunk that were found mended after a refusal, kept in the run as {@code
 * checks/I.mended.json}: they are learned from then on, in every resume alike. Immutable.
 *
 * @param ids {@link dev.millrace.stream.Image#id()} of each
 */
record MendedPictures(List<String> ids) {
  private static final Logger LOG = LoggerFactory.getLogger(MendedPictures.class);

  MendedPictures {
    ids = List.copyOf(ids);
  }

  /** Those of a chunk, none where no refusal asked for a mend; null if that cannot be told. */
  static MendedPictures read(Path run, int chunk) throws IOException {
    Path file = RunFolder.of(run).mended(chunk);
    if (!Files.exists(file)) {
      return new MendedPictures(List.of());
    }
    try {
      String text = SealedText.open(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      if (text != null) {
        return JSON.readValue(text, MendedPictures.class);
      }
    } catch (JacksonException e) {
      LOG.debug("no JSON", e);
    }
    LOG.warn("{} is damaged: bad pictures that were met are looked at again", file);
    return null;
  }

  /** Keeps them; atomic. */
  void write(Path run, int chunk) throws IOException {
    String text = SealedText.seal(JSON.writeValueAsString(this));
    AtomicFiles.write(RunFolder.of(run).mended(chunk), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Notes that a refusal asked for a mend, so that the next call looks for one. */
  static void asked(Path run, int chunk) throws IOException {
    AtomicFiles.write(RunFolder.of(run).refused(chunk), new byte[] {'\n'});
  }
}
