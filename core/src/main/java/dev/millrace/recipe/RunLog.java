package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Reason;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.metric.LogFormat;
import dev.millrace.metric.Measured;
import dev.millrace.metric.MetricLog;
import dev.millrace.stream.Chunk;
import dev.millrace.vision.decode.PictureCheck;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens in a run, written to its {@code metrics.jsonl}, {@code health.jsonl} and {@code
 * quarantine.jsonl}, and copied for other programs. Each checkpoint records what they held, so a
 * resume sees whether a byte of that is gone. No result depends on them: a damaged one is put aside
 * and named, and what can be read of it stays. Not thread-safe; close it to give the files back.
 */
final class RunLog implements RunEvent.Listener, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

  /** Which part a step belongs to in a run with a trunk: trunk, branch, or rest of the trunk. */
  static final String PART = "part";

  /** The trunk's own last steps on a chunk that is published. */
  static final String REST = "rest";

  static final String TRUNK = "trunk";

  /** A method's own loss, where remedies add to it. */
  static final String OF_METHOD = "method_loss";

  private final RunDirectory directory;
  private final Map<Path, AppendLog> open = new LinkedHashMap<>();
  private final List<MetricLog> copies = new ArrayList<>();

  RunLog(RunDirectory directory) {
    this.directory = directory;
  }

  /** Logs each event before another listener has it. */
  RunEvent.Listener before(RunEvent.Listener next) {
    return event -> {
      on(event);
      next.on(event);
    };
  }

  /** Begins copies of what was measured so far; to be called after {@link #rewind}. */
  void copy(List<LogFormat> formats) throws IOException {
    for (LogFormat format : formats) {
      copies.add(
          format.begin(
              switch (format) {
                case TENSORBOARD -> directory.folder().tensorboard();
                case CSV -> directory.folder().table();
              }));
    }
    if (!copies.isEmpty()) {
      new LoggedMeasures(directory).each(this::copy);
    }
  }

  private void copy(Measured measured) throws IOException {
    for (MetricLog copy : List.copyOf(copies)) {
      try {
        copy.add(measured);
      } catch (IOException e) {
        // A copy is no reason to end a run, and the next call makes it anew.
        copies.remove(copy);
        try {
          copy.close();
        } catch (IOException also) {
          e.addSuppressed(also);
        }
        LOG.warn(
            "a copy of the metrics in {} ends here: {}; `millrace resume` makes it anew",
            directory.root(),
            Reason.of(e));
      }
    }
  }

  private List<Path> logs() {
    return List.of(directory.metrics(), directory.health(), directory.quarantine());
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

  private AppendLog log(Path file) throws IOException {
    AppendLog log = open.get(file);
    if (log == null) {
      log = AppendLog.open(file);
      open.put(file, log);
    }
    return log;
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

  @Override
  public void on(RunEvent event) {
    try {
      if (event instanceof RunEvent.Stepped step) {
        stepped(step);
      } else if (event instanceof RunEvent.HealthChecked checked) {
        checked(checked);
      } else if (event instanceof RunEvent.KnnMeasured knn) {
        measured(knn);
      } else if (event instanceof RunEvent.BadMet met) {
        append(directory.quarantine(), lines(met.chunk(), met.bad()));
      } else if (event instanceof RunEvent.Quarantined quarantined) {
        quarantined(quarantined);
      } else if (event instanceof RunEvent.ChunkSkipped skipped) {
        skipped(skipped);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write the run's log in " + directory.root() + ": " + Reason.of(e), e);
    }
  }

  private void stepped(RunEvent.Stepped step) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", step.loss());
    if (step.ofMethod() != step.loss()) {
      values.put(OF_METHOD, step.ofMethod());
    }
    values.put("lr", step.lr());
    values.put("images_per_s", step.pictures() / step.seconds());
    values.putAll(step.watched());
    Measured measured =
        new Measured(now(), step.position().total(), step.chunk(), step.epoch(), null, values);
    ObjectNode line = line(measured);
    if (step.part() != null) {
      line.put(PART, step.part().name().toLowerCase(Locale.ROOT));
    }
    append(directory.metrics(), List.of(line));
    copy(measured);
  }

  /** A place in the run, the values, and when, which nothing depends on. */
  private static ObjectNode line(Measured measured) {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", measured.step());
    line.put("chunk", measured.chunk()).put("epoch", measured.epoch());
    measured.values().forEach(line::put);
    return line.put(LoggedMeasures.TIME, measured.time().toString());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private void checked(RunEvent.HealthChecked event) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("effective_rank", event.effectiveRank());
    values.put("variance", event.variance());
    Measured measured =
        new Measured(now(), event.step(), event.chunk(), event.epoch(), null, values);
    ObjectNode line = line(measured).put("collapsed", event.collapsed());
    if (event.collapsed()) {
      line.put("collapse", event.collapse()).put("advice", event.advice());
    }
    // A run that was stopped between a chunk's last step and its end looks twice.
    if (replace(directory.health(), "step", event.step(), List.of(line))) {
      copy(measured);
    }
  }

  /** A line of its own beside the steps', of the step after which it was measured. */
  private void measured(RunEvent.KnnMeasured event) throws IOException {
    Measured measured =
        new Measured(
            now(),
            event.step(),
            event.chunk(),
            event.epoch(),
            event.set(),
            Map.of("knn", event.accuracy()));
    ObjectNode line =
        line(measured)
            .put("knn_chance", event.chance())
            .put(LoggedMeasures.SET, event.set())
            .put("knn_learned", event.learned())
            .put("knn_judged", event.judged());
    append(directory.metrics(), List.of(event.trunk() ? line.put("knn_of", TRUNK) : line));
    copy(measured);
  }

  private void skipped(RunEvent.ChunkSkipped event) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("chunk", event.chunk().index()).put("skipped", event.chunk().name());
    line.put("reason", "%d good pictures, and a step needs 2".formatted(event.good()));
    append(directory.quarantine(), List.of(line));
  }

  private void quarantined(RunEvent.Quarantined event) throws IOException {
    List<ObjectNode> lines = lines(event.chunk(), event.bad());
    if (event.late()) {
      // A checkpoint counts on the lines of those that steps met.
      Set<String> there = new HashSet<>();
      if (Files.exists(directory.quarantine())) {
        for (String line : LogLines.from(directory.quarantine(), "chunk", event.chunk().index())) {
          there.add(JSON.readTree(line).path("id").asText());
        }
      }
      lines.removeIf(line -> there.contains(line.path("id").asText()));
      append(directory.quarantine(), lines);
      return;
    }
    // A chunk that is opened again after a resume is reported again: its lines are replaced.
    replace(directory.quarantine(), "chunk", event.chunk().index(), lines);
  }

  private static List<ObjectNode> lines(Chunk chunk, List<PictureCheck.Bad> all) {
    List<ObjectNode> lines = new ArrayList<>();
    for (PictureCheck.Bad bad : all) {
      ObjectNode line = JSON.createObjectNode();
      line.put("chunk", chunk.index()).put("id", bad.id()).put("reason", bad.reason());
      lines.add(line);
    }
    return lines;
  }

  /**
   * Puts lines in the place of all that have this value of a field, or a greater one.
   *
   * @return whether that changed anything but times
   */
  private boolean replace(Path log, String field, long value, List<ObjectNode> lines)
      throws IOException {
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

  private void append(Path log, List<ObjectNode> lines) throws IOException {
    for (ObjectNode line : lines) {
      log(log).append(JSON.writeValueAsString(line));
    }
  }

  private void close(Path log) throws IOException {
    AppendLog opened = open.remove(log);
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  public void close() throws IOException {
    for (Path log : List.copyOf(open.keySet())) {
      close(log);
    }
    for (MetricLog copy : copies) {
      copy.close();
    }
  }
}
