package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import dev.millrace.file.ShellWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The line in a run's {@code state.json}: how far the encoder is that others read. While an
 * extension is learned, that encoder is the one before it. The line carries its own checksum.
 * Immutable.
 *
 * @param chunks of the run's stream, planned or learned; at least 1
 * @param learned of them, how many the run's {@code encoder.safetensors} has learned; 0 before the
 *     run is finished for the first time
 * @param encoder SHA-256 of that file, hex; null where {@code learned} is 0
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later version
public record RunState(int chunks, int learned, String encoder) {
  /** Refuses counts that cannot be. */
  public RunState {
    if (chunks < 1 || learned < 0 || learned > chunks || (learned == 0) != (encoder == null)) {
      throw new IllegalArgumentException(
          "%d of %d chunks learned, encoder %s; expected 0 … %d, and a checksum where there are any"
              .formatted(learned, chunks, encoder, chunks));
    }
  }

  /** Of a run that has learned nothing to its end yet. */
  static RunState begun(int chunks) {
    return new RunState(chunks, 0, null);
  }

  /**
   * Reads a line.
   *
   * @return null where there is none: the run is of a version before it
   * @throws IOException if it is damaged
   */
  static RunState read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    String found;
    try {
      String text = SealedText.open(Files.readString(file, StandardCharsets.UTF_8));
      if (text != null) {
        return JSON.readValue(text, RunState.class);
      }
      found = "it does not fit its own checksum";
    } catch (JacksonException e) {
      found = e.getOriginalMessage();
    } catch (IOException e) {
      found = Reason.of(e);
    }
    throw new IOException(
        "%s is damaged: %s; %s writes it again"
            .formatted(file, found, ShellWords.resume(file.toAbsolutePath().getParent())));
  }

  /** Writes the line in the place of the last. */
  void write(Path file) throws IOException {
    String line = SealedText.seal(JSON.writeValueAsString(this));
    AtomicFiles.write(file, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
