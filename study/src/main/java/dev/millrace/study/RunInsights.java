package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Where a study meets {@code analysis.Insights}: what its file asks for as requests. */
final class RunInsights {
  private RunInsights() {}

  /** What is asked for of a run, as {@code insight.json} has it. */
  static JsonNode of(Path run, int chunks, Job job, OneRun.Told told, BooleanSupplier stop)
      throws IOException {
    List<String> parts =
        Insights.partsOf(chunks).stream().filter(job.insight().parts()::contains).toList();
    return parts.isEmpty()
        ? JSON.createObjectNode()
        : JSON.valueToTree(Insights.of(run, request(job, parts), listener(told, stop)));
  }

  /** CKA of a run's encoders against the final one of its reference. */
  static JsonNode compare(Path run, Path reference, Job job, OneRun.Told told, BooleanSupplier stop)
      throws IOException {
    return JSON.valueToTree(
        Insights.compare(run, reference, request(job, List.of("cka")), listener(told, stop)));
  }

  private static InsightRequest request(Job job, List<String> parts) {
    InsightParts asked = job.insight();
    return InsightRequest.of(job.threads(), parts.toArray(String[]::new))
        .withImages(asked.images())
        .with(loss(asked))
        .on(job.device());
  }

  private static InsightRequest.Loss loss(InsightParts asked) {
    InsightRequest.Loss standard = InsightRequest.Loss.DEFAULT;
    return asked.lossImages() == 0 ? standard : standard.withImages(asked.lossImages());
  }

  /** What is found is kept, so that between two findings is a good place to stop. */
  private static InsightListener listener(OneRun.Told told, BooleanSupplier stop) {
    return new InsightListener() {
      @Override
      public void done(String part, String what, double seconds, boolean kept) {
        System.err.printf(
            Locale.ROOT, "%s, %s: %s%n", part, what, kept ? "kept" : "%.1f s".formatted(seconds));
        told.phase("insight: " + part + " done");
        if (stop.getAsBoolean()) {
          throw new CancellationException("stopped while looking inside");
        }
      }

      @Override
      public boolean stop() {
        return stop.getAsBoolean();
      }
    };
  }

  /**
   * About what looking inside costs, in image passes of training: a guess until runs have ended.
   */
  static double passes(PlannedRun run) {
    int chunks = run.settings().stream().chunks();
    InsightRequest.Loss loss = loss(run.insight());
    double passes = 0;
    for (String part : Insights.partsOf(chunks)) {
      if (run.insight().parts().contains(part)) {
        passes +=
            switch (part) {
              case "forgetting" ->
                  (chunks + 1) * 2.0 * run.insight().images() / TimeEstimates.FROZEN;
              case "sharpness" ->
                  60.0 * chunks * loss.images() + 80.0 * chunks * loss.adaptiveImages();
              case "landscape" -> 80.0 * chunks * loss.images() / 3;
              default -> chunks * Insights.PICTURES / TimeEstimates.FROZEN;
            };
      }
    }
    return passes;
  }
}
