package dev.millrace.study.record;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import dev.millrace.file.SealedText;
import java.io.IOException;
import java.nio.file.Path;
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

  private final Path file;
  private final AppendLog log;
  private final Map<String, ObjectNode> standing;

  private Ledger(Path file, AppendLog log, Map<String, ObjectNode> standing) {
    this.file = file;
    this.log = log;
    this.standing = standing;
  }

  /**
   * Opens a ledger to append, or begins one; what a killed process left half-written at its end is
   * taken off.
   *
   * @throws IOException if it cannot be read, or a line within it is damaged
   */
  public static Ledger open(Path file) throws IOException {
    Map<String, ObjectNode> known = undamaged(file); // a damaged one is left as it is
    AppendLog.cutHalfLine(file);
    return new Ledger(file, AppendLog.open(file), known);
  }

  /** Reads what a ledger says without a right to append; empty where there is no file. */
  public static Ledger read(Path file) throws IOException {
    return new Ledger(file, null, undamaged(file));
  }

  private static Map<String, ObjectNode> undamaged(Path file) throws IOException {
    LedgerLines lines = LedgerLines.read(file);
    if (!lines.faults().isEmpty()) {
      LedgerLines.Fault first = lines.faults().get(0);
      throw new IOException(
          "%s, line %d is damaged: %s; delete that line, and its run is made again"
              .formatted(file, first.line(), first.why()));
    }
    return lines.standing();
  }

  /** Numbers of damaged lines, from 1; none where there is no file. */
  public static List<Integer> damaged(Path file) throws IOException {
    return LedgerLines.read(file).faults().stream().map(LedgerLines.Fault::line).toList();
  }

  /** Whether a run or comparison is done. */
  public synchronized boolean done(String id) {
    return standing.containsKey(id) && LedgerLines.done(standing.get(id));
  }

  /** Whether a run failed, and was not done since. */
  public synchronized boolean failed(String id) {
    return standing.containsKey(id) && !LedgerLines.done(standing.get(id));
  }

  /** The line of a done run or comparison; null if it is not done. Not to be changed. */
  public synchronized ObjectNode line(String id) {
    return done(id) ? standing.get(id) : null;
  }

  /** Every done run and comparison, in the order of the file. Not to be changed. */
  public synchronized List<ObjectNode> all() {
    return standing.values().stream().filter(LedgerLines::done).toList();
  }

  /** What stands in it as records, also of runs that failed. */
  public synchronized Records records() {
    return Records.of(List.of(), standing);
  }

  /**
   * Appends a line and makes it last.
   *
   * @return false, and nothing is written, if the id is done already
   * @throws IOException if it cannot be written; what was written of it is taken off again
   */
  public synchronized boolean append(ObjectNode line) throws IOException {
    if (done(line.path("id").asText())) {
      return false;
    }
    try {
      log.commit(SealedText.seal(JSON.writeValueAsString(line)));
    } catch (IOException e) {
      throw new IOException(
          file + " cannot be written: " + Reason.of(e) + "; free some disk and run the study again",
          e);
    }
    LedgerLines.take(line, standing);
    return true;
  }

  @Override
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
  }
}
