package dev.millrace.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What happens in a run, written to its {@code metrics.jsonl}, {@code health.jsonl} and {@code
 * quarantine.jsonl}.
 */
final class RunLog implements RunEvent.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunDirectory directory;

  RunLog(RunDirectory directory) {
    this.directory = directory;
  }

  /** Takes back what the logs say of steps that will be made again. */
  void rewind(Position from) throws IOException {
    directory.rewind(directory.metrics(), "step", from.total());
    directory.rewind(directory.health(), "step", from.total());
    directory.rewind(directory.quarantine(), "chunk", from.chunk() - 1L);
  }

  @Override
  public void on(RunEvent event) {
    try {
      if (event instanceof RunEvent.Stepped step) {
        stepped(step);
      } else if (event instanceof RunEvent.HealthChecked checked) {
        checked(checked);
      } else if (event instanceof RunEvent.Quarantined quarantined) {
        quarantined(quarantined);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write the run's log in " + directory.root() + ": " + e.getMessage(), e);
    }
  }

  private void stepped(RunEvent.Stepped step) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", step.position().total());
    line.put("chunk", step.chunk()).put("epoch", step.epoch());
    line.put("loss", step.loss())
        .put("lr", step.lr())
        .put("images_per_s", step.pictures() / step.seconds());
    directory.append(directory.metrics(), line);
  }

  private void checked(RunEvent.HealthChecked event) throws IOException {
    // A run that was stopped between a chunk's last step and its end looks twice.
    directory.rewind(directory.health(), "step", event.step() - 1);
    ObjectNode line = JSON.createObjectNode();
    line.put("step", event.step()).put("chunk", event.chunk()).put("epoch", event.epoch());
    line.put("effective_rank", event.effectiveRank())
        .put("variance", event.variance())
        .put("collapsed", event.collapsed());
    directory.append(directory.health(), line);
  }

  private void quarantined(RunEvent.Quarantined event) throws IOException {
    // A chunk that is opened again after a resume is told of again: its lines are replaced.
    directory.rewind(directory.quarantine(), "chunk", event.chunk().index() - 1L);
    for (var bad : event.bad()) {
      ObjectNode line = JSON.createObjectNode();
      line.put("chunk", event.chunk().index()).put("id", bad.id()).put("reason", bad.reason());
      directory.append(directory.quarantine(), line);
    }
  }
}
