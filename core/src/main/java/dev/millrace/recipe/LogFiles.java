package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Closing;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a run's log, each opened by the first line that it is given: what a checkpoint
 * counts on of them, and what is taken back of them as a run goes on. Not thread-safe; {@link
 * RunLog} closes it.
 */
final class LogFiles implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final RunDirectory directory;
  private final Map<Path, AppendLog> open = new LinkedHashMap<>();

  LogFiles(RunDirectory directory) {
    this.directory = directory;
  }

  /** Adds lines to a log. */
  void append(Path log, List<ObjectNode> lines) throws IOException {
    for (ObjectNode line : lines) {
      log(log).append(JSON.writeValueAsString(line));
    }
  }

  /**
   * Puts lines in the place of all that have this value of a field, or a greater one.
   *
   * @return whether that changed anything but times
   */
  boolean replace(Path log, String field, long value, List<ObjectNode> lines) throws IOException {
    List<String> there = LogLines.from(log, field, value);
    List<JsonNode> known = new ArrayList<>();
    for (String line : there) {
      known.add(untimed(line));
    }
    List<JsonNode> found = new ArrayList<>();
    for (ObjectNode line : lines) {
      found.add(untimed(JSON.writeValueAsString(line))); // as read: an int is no long
    }
    if (known.equals(found)) {
      return false; // what a checkpoint counts on stays as it is
    }
    if (!there.isEmpty()) {
      close(log);
      LogLines.rewind(log, field, value - 1);
    }
    append(log, lines);
    return true;
  }

  private static JsonNode untimed(String line) throws IOException {
    return ((ObjectNode) JSON.readTree(line)).without(LoggedMeasures.TIME);
  }

  private AppendLog log(Path file) throws IOException {
    AppendLog log = open.get(file);
    if (log == null) {
      log = AppendLog.open(file);
      open.put(file, log);
    }
    return log;
  }

  private void close(Path log) throws IOException {
    AppendLog opened = open.remove(log);
    if (opened != null) {
      opened.close();
    }
  }

  /** Forces the logs to disk and says what they hold, by file name. */
  Map<String, AppendLog.Mark> mark() throws IOException {
    Map<String, AppendLog.Mark> marks = new LinkedHashMap<>();
    for (Path log : logs()) {
      if (Files.exists(log)) {
        marks.put(log.getFileName().toString(), log(log).mark());
      }
    }
    return marks;
  }

  /**
   * Takes back what the logs say of steps that will be made again.
   *
   * @param late whether the position's chunk is checked while it is learned
   * @param marks what they held at the checkpoint of that position; null where it does not say
   * @return whether one of them was damaged, so that the checkpoint's marks no longer fit
   */
  boolean rewind(Position from, boolean late, Map<String, AppendLog.Mark> marks)
      throws IOException {
    boolean damaged = false;
    // Bad pictures that steps met stay known: one that was mended since would be learned by the
    // steps that are made again, and by no run that nothing ended.
    for (Path log : logs()) {
      AppendLog.Mark mark = marks == null ? null : marks.get(log.getFileName().toString());
      boolean fits = mark != null && AppendLog.fits(log, mark);
      boolean byChunk = log.equals(directory.quarantine());
      if (fits && !(byChunk && late)) {
        AppendLog.cut(log, mark);
        continue;
      }
      if (mark != null && !fits) {
        damaged = true;
        putAside(log, mark);
      }
      long chunk = late ? from.chunk() : from.chunk() - 1L;
      LogLines.rewind(log, byChunk ? "chunk" : "step", byChunk ? chunk : from.total());
    }
    return damaged;
  }

  private void putAside(Path log, AppendLog.Mark mark) throws IOException {
    Path aside = log.resolveSibling(log.getFileName() + ".damaged");
    boolean there = Files.exists(log);
    if (there) {
      Files.copy(log, aside, StandardCopyOption.REPLACE_EXISTING);
    }
    LOG.warn(
        "{} is damaged: the first {} bytes that the last checkpoint counts on {}; no result depends on them{}",
        log,
        mark.bytes(),
        there ? "are not those that were written" : "are gone",
        there ? ": what can be read stays, and the file as it was is " + aside : "");
  }

  private List<Path> logs() {
    return List.of(directory.metrics(), directory.health(), directory.quarantine());
  }

  @Override
  public void close() throws IOException {
    List<AutoCloseable> all = new ArrayList<>();
    open.keySet().forEach(log -> all.add(() -> close(log)));
    Closing.all(all);
  }
}
