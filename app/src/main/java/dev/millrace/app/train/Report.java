package dev.millrace.app.train;

import dev.millrace.app.shared.CommonFlags;
import dev.millrace.app.shared.Exit;
import dev.millrace.file.Reason;
import dev.millrace.file.ShellWords;
import dev.millrace.live.gate.Guard;
import dev.millrace.recipe.Millrace;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the end of a run is reported: as text, as JSON, and as an exit code. */
final class Report {
  private Report() {}

  /**
   * Judges the encoder of a run that is guarded, prints the outcome and answers the exit code.
   *
   * @param ranks that made the run's steps
   */
  static int print(Millrace.Outcome outcome, int ranks, CommonFlags flags) {
    if (outcome.stopped()) {
      System.err.printf(
          "stopped at step %d; continue with: %s%n",
          outcome.steps(), ShellWords.of(Say.command(), "resume", ShellWords.place(outcome.run())));
      if (flags.json()) {
        flags.print(json(outcome, ranks), List.of());
      }
      return Exit.STOPPED;
    }
    Map<String, Object> json = json(outcome, ranks);
    List<String> lines = new ArrayList<>();
    int code = guarded(outcome.run(), json, lines);
    lines.addAll(
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
    flags.print(json, lines);
    return code;
  }

  /** What a guard finds; a failure of it takes nothing from what was learned. */
  private static int guarded(Path run, Map<String, Object> json, List<String> lines) {
    Guard.Found found;
    try {
      Guard guard = Guard.of(run);
      if (guard == null) {
        return 0;
      }
      found = guard.judge(Catalogue.standard(), InstantSource.system());
    } catch (IOException | IllegalArgumentException e) {
      System.err.printf(
          "the guard cannot judge: %s; %s asks it again%n",
          Reason.whole(e), ShellWords.resume(run));
      return Exit.code(new IOException(e));
    }
    String verdict = found.judgement().verdict().word();
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("verdict", verdict);
    said.put("reasons", found.judgement().reasons());
    said.put("numbers", found.judgement().numbers());
    said.put("before", found.before() == null ? null : found.before().toString());
    json.put("guard", said);
    lines.add("guard: %s: %s".formatted(verdict, String.join("; ", found.judgement().reasons())));
    if (found.worse()) {
      lines.add(
          "the encoder is worse than the one before, which is kept: %s".formatted(found.before()));
    }
    return found.worse() ? Exit.WORSE : 0;
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

  private static Map<String, Object> json(Millrace.Outcome outcome, int ranks) {
    Map<String, Object> json = json(outcome);
    if (ranks > 1) {
      json.put("ranks", ranks);
    }
    return json;
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
