package dev.millrace.app.train;

import dev.millrace.app.shared.CommonFlags;
import dev.millrace.app.shared.Exit;
import dev.millrace.file.ShellWords;
import dev.millrace.recipe.Millrace;
import dev.millrace.terminal.Say;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the end of a run is reported: as text, as JSON, and as an exit code. */
final class Report {
  private Report() {}

  /** Prints the outcome and answers the exit code. */
  static int print(Millrace.Outcome outcome, CommonFlags flags) {
    if (outcome.stopped()) {
      System.err.printf(
          "stopped at step %d; continue with: %s%n",
          outcome.steps(), ShellWords.of(Say.command(), "resume", ShellWords.place(outcome.run())));
      if (flags.json()) {
        flags.print(json(outcome), List.of());
      }
      return Exit.STOPPED;
    }
    flags.print(
        json(outcome),
        List.of(
            String.format(
                Locale.ROOT,
                "%s, %s, %s; %.0f images/s",
                Say.count(outcome.chunks(), "chunk"),
                Say.count(outcome.steps(), "step"),
                "%d image passes, the last call took %s"
                    .formatted(outcome.imagePasses(), Say.time(outcome.seconds())),
                outcome.imagesPerSecond()),
            "encoder: " + outcome.encoder(),
            "next: " + next(outcome)));
    return 0;
  }

  /**
   * A command that works for this run: a probe asks for labels, the features' health for nothing.
   */
  private static String next(Millrace.Outcome outcome) {
    String run = ShellWords.place(outcome.run());
    return outcome.classes() < 2
        ? ShellWords.of(Say.command(), "insight", run, "--parts", "health")
        : ShellWords.of(Say.command(), "probe", run, "--task", "knn");
  }

  /** The outcome's fields by the names that scripts rely on. */
  static Map<String, Object> json(Millrace.Outcome outcome) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", outcome.run().toString());
    json.put("stopped", outcome.stopped());
    json.put("chunks", outcome.chunks());
    json.put("classes", outcome.classes());
    json.put("steps", outcome.steps());
    json.put("image_passes", outcome.imagePasses());
    json.put("images_per_s", outcome.imagesPerSecond());
    json.put("seconds", outcome.seconds());
    json.put("encoder", outcome.encoder() == null ? null : outcome.encoder().toString());
    json.put("encoder_sha256", outcome.encoderSha256());
    return json;
  }
}
