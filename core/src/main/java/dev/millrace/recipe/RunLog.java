package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.metric.LogFormat;
import dev.millrace.metric.Measured;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happens in a run, written to its {@code metrics.jsonl}, {@code health.jsonl} and {@code
 * quarantine.jsonl}, and copied for other programs. Each checkpoint records what they held, so a
 * resume sees whether a byte of that is gone. No result depends on them: a damaged one is put aside
 * and named, and what can be read of it stays. Not thread-safe; close it to give the files back.
 */
final class RunLog implements RunEvent.Listener, Closeable {
  /** Which part a step belongs to in a run with a trunk: trunk, branch, or rest of the trunk. */
  static final String PART = "part";

  /** The trunk's own last steps on a chunk that is published. */
  static final String REST = "rest";

  static final String TRUNK = "trunk";

  /** A method's own loss, where remedies add to it. */
  static final String OF_METHOD = "method_loss";

  private final RunDirectory directory;
  private final LogFiles files;
  private final QuarantineLog quarantine;
  private final MetricCopies copies;

  RunLog(RunDirectory directory) {
    this.directory = directory;
    files = new LogFiles(directory);
    quarantine = new QuarantineLog(directory.quarantine(), files);
    copies = new MetricCopies(directory);
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
    copies.begin(formats);
  }

  /** Forces the logs to disk and says what they hold, by file name. */
  Map<String, AppendLog.Mark> mark() throws IOException {
    return files.mark();
  }

  /** Takes back what steps wrote that will be made again; see {@link LogFiles#rewind}. */
  boolean rewind(Position from, boolean late, Map<String, AppendLog.Mark> marks)
      throws IOException {
    return files.rewind(from, late, marks);
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
        quarantine.met(met);
      } else if (event instanceof RunEvent.Quarantined quarantined) {
        quarantine.quarantined(quarantined);
      } else if (event instanceof RunEvent.ChunkSkipped skipped) {
        quarantine.skipped(skipped);
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
    files.append(directory.metrics(), List.of(line));
    copies.add(measured);
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
    if (files.replace(directory.health(), "step", event.step(), List.of(line))) {
      copies.add(measured);
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
    files.append(directory.metrics(), List.of(event.trunk() ? line.put("knn_of", TRUNK) : line));
    copies.add(measured);
  }

  @Override
  public void close() throws IOException {
    Closing.all(List.of(files, copies));
  }
}
