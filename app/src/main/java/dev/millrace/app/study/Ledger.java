package dev.millrace.app.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code LEDGER.jsonl}: one line per finished run or comparison, sealed by a checksum, appended and
 * synced, never changed. What it says is done is done, wherever it was made. Thread-safe; one
 * process at a time may have it open to append.
 */
public final class Ledger implements AutoCloseable {
  /** The file's name in a study's folder. */
  public static final String NAME = "LEDGER.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final AppendLog log;
  private final Map<String, ObjectNode> done = new LinkedHashMap<>();
  private final Map<String, ObjectNode> failed = new LinkedHashMap<>();

  private Ledger(Path file, AppendLog log) {
    this.file = file;
    this.log = log;
  }

  /**
   * Opens a ledger to append, or begins one; what a killed process left half-written at its end is
   * taken off.
   *
   * @throws IOException if it cannot be read, or a line within it is damaged
   */
  public static Ledger open(Path file) throws IOException {
    Ledger known = read(file); // a damaged one is left as it is
    AppendLog.cutHalfLine(file);
    Ledger ledger = new Ledger(file, AppendLog.open(file));
    ledger.done.putAll(known.done);
    ledger.failed.putAll(known.failed);
    return ledger;
  }

  /** Reads what a ledger says without a right to append; empty where there is no file. */
  public static Ledger read(Path file) throws IOException {
    Ledger ledger = new Ledger(file, null);
    if (Files.exists(file)) {
      byte[] bytes = Files.readAllBytes(file);
      ledger.take(new String(bytes, 0, AppendLog.whole(bytes), StandardCharsets.UTF_8));
    }
    return ledger;
  }

  private void take(String text) throws IOException {
    int number = 0;
    for (String sealed : text.split("\n")) {
      number++;
      if (sealed.isBlank()) {
        continue;
      }
      String line = SealedText.open(sealed);
      if (line == null) {
        throw damaged(number, "it does not fit its own checksum", null);
      }
      try {
        JsonNode node = JSON.readTree(line);
        if (!node.isObject() || !node.hasNonNull("id") || !node.hasNonNull("kind")) {
          throw damaged(number, "it has no id and kind", null);
        }
        keep((ObjectNode) node);
      } catch (JsonProcessingException e) {
        throw damaged(number, e.getOriginalMessage(), e);
      }
    }
  }

  private IOException damaged(int line, String why, Exception cause) {
    return new IOException(
        "%s, line %d is damaged: %s; delete that line, and its run is made again"
            .formatted(file, line, why),
        cause);
  }

  private void keep(ObjectNode line) {
    String id = line.path("id").asText();
    if (line.path("status").asText("done").equals("done")) {
      done.putIfAbsent(id, line);
      failed.remove(id);
    } else if (!done.containsKey(id)) {
      failed.put(id, line);
    }
  }

  /** Whether a run or comparison is done. */
  public synchronized boolean done(String id) {
    return done.containsKey(id);
  }

  /** Whether a run failed, and was not done since. */
  public synchronized boolean failed(String id) {
    return failed.containsKey(id);
  }

  /** The line of a done run or comparison; null if it is not done. Not to be changed. */
  public synchronized ObjectNode line(String id) {
    return done.get(id);
  }

  /** Every done run and comparison, in the order of the file. Not to be changed. */
  public synchronized List<ObjectNode> all() {
    return new ArrayList<>(done.values());
  }

  /**
   * Appends a line and makes it last.
   *
   * @return false, and nothing is written, if the id is done already
   * @throws IOException if it cannot be written; what was written of it is taken off again
   */
  public synchronized boolean append(ObjectNode line) throws IOException {
    if (done.containsKey(line.path("id").asText())) {
      return false;
    }
    try {
      log.commit(SealedText.seal(JSON.writeValueAsString(line)));
    } catch (IOException e) {
      throw new IOException(
          file + " cannot be written: " + Reason.of(e) + "; free some disk and run the study again",
          e);
    }
    keep(line);
    return true;
  }

  @Override
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
  }
}
