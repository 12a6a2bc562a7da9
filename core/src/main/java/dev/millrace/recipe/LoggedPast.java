package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.learn.run.RunDirectory;
import java.io.IOException;

/**
 * What a run's logs say that earlier calls saw of it, so that one which resumes judges as one which
 * nothing ended. To be asked before the call adds to them.
 */
final class LoggedPast implements HealthCheck.Past {
  private final RunDirectory directory;

  LoggedPast(RunDirectory directory) {
    this.directory = directory;
  }

  /** The method's own loss in a line of a step. */
  static double ofMethod(JsonNode step) {
    return step.path(step.has(RunLog.OF_METHOD) ? RunLog.OF_METHOD : "loss").asDouble();
  }

  @Override
  public double bestRank(long step) throws IOException {
    double[] best = {0};
    LogLines.each(
        directory.health(),
        "step",
        line -> {
          JsonNode look = JSON.readTree(line);
          if (look.path("step").asLong() < step) {
            best[0] = Math.max(best[0], look.path("effective_rank").asDouble());
          }
        });
    return best[0];
  }

  /** Lines of a kNN have no loss, and steps of a trunk's rest do not count. */
  @Override
  public void losses(HealthCheck.Losses taker) throws IOException {
    LogLines.each(
        directory.metrics(),
        "step",
        line -> {
          JsonNode step = JSON.readTree(line);
          if (step.has("loss") && !RunLog.REST.equals(step.path(RunLog.PART).asText())) {
            taker.take(step.path("chunk").asInt(), step.path("epoch").asInt(), ofMethod(step));
          }
        });
  }
}
