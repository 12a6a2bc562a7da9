package dev.millrace.analysis;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What insight found out before, a file a part in the run's {@code insight/}: the answer, with
 * checksums of the encoders it is about and of the question. A file is complete or absent. Not
 * thread-safe.
 */
final class KeptInsight {
  /** Finds a part out. */
  interface Finder<T> {
    T find() throws IOException;
  }

  private final Path folder;
  private final String encoders;

  /**
   * @param encoders checksum of all encoders of the run
   */
  KeptInsight(Path run, String encoders) {
    folder = RunFolder.of(run).insightParts();
    this.encoders = encoders;
  }

  /** An answer with how it came by. */
  record Answer<T>(T value, boolean kept) {}

  /**
   * The kept answer to this question, or one that is found now and kept.
   *
   * @param name of the file, without its ending
   * @param question everything that the answer depends on beside the encoders
   */
  <T> Answer<T> of(String name, String question, TypeReference<T> type, Finder<T> finder)
      throws IOException {
    JsonNode kept = read(name);
    String asked = Sha256.of(question);
    if (kept != null && kept.path("question").asText().equals(asked)) {
      return new Answer<>(JSON.convertValue(kept.get("answer"), type), true);
    }
    T found = finder.find();
    ObjectNode file = JSON.createObjectNode();
    file.put("encoders", encoders).put("question", asked);
    file.set("answer", JSON.valueToTree(found));
    Files.createDirectories(folder);
    String text = SealedText.seal(JSON.writeValueAsString(file));
    AtomicFiles.write(folder.resolve(name + ".json"), text.getBytes(StandardCharsets.UTF_8));
    return new Answer<>(found, false);
  }

  /**
   * What is kept of a part for the present encoders, whatever the question was; null if nothing.
   */
  JsonNode last(String name) throws IOException {
    JsonNode kept = read(name);
    return kept == null ? null : kept.get("answer");
  }

  private JsonNode read(String name) throws IOException {
    Path file = folder.resolve(name + ".json");
    if (!Files.exists(file)) {
      return null;
    }
    JsonNode kept;
    try {
      // Bytes that are no UTF-8 become others, which the seal does not fit.
      String whole = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      String text = SealedText.open(whole);
      kept = text == null ? null : JSON.readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      kept = null;
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
    if (kept == null) {
      throw new IOException(file + " is damaged; delete it and ask again");
    }
    return kept.path("encoders").asText().equals(encoders) && kept.hasNonNull("answer")
        ? kept
        : null;
  }
}
