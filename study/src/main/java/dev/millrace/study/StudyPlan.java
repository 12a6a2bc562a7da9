package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.WorkFolder;
import dev.millrace.launch.Launcher;
import dev.millrace.launch.LocalLauncher;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a study would make, and how long that would take.
 *
 * @param runs its runs
 * @param done how many of them the ledger has
 * @param failed how many of them failed last time
 * @param rows runs that differ in nothing but the seed, together
 * @param hours that all runs take from the first to the last, done ones included; null if unknown
 * @param hoursLeft of those that are not done; null if unknown
 * @param source where the hours come from
 * @param missing sets that are not on this machine, with the reason
 */
public record StudyPlan(
    int runs,
    int done,
    int failed,
    List<Row> rows,
    Double hours,
    Double hoursLeft,
    String source,
    Map<String, String> missing) {
  /**
   * Runs that differ in nothing but the seed.
   *
   * @param seeds how many
   * @param done how many of them are
   * @param seconds of one process for one of them; null if unknown
   * @param lacks sets that it needs and that are not on this machine
   */
  public record Row(
      String data,
      String stream,
      int chunks,
      String method,
      String remedy,
      int seeds,
      int done,
      TimeEstimates.Seconds seconds,
      List<String> lacks) {}

  /** Makes lists and maps immutable. */
  public StudyPlan {
    rows = List.copyOf(rows);
    missing = Map.copyOf(missing);
  }

  /**
   * Plans, with a timing of this machine where the ledger does not tell.
   *
   * @param root the study's folder, which need not be there
   */
  public static StudyPlan of(
      StudyFile study, Path root, StudyRunner.Means means, PrintStream progress)
      throws IOException {
    Ledger ledger = Ledger.read(StudyFolder.ledger(root));
    Refusals.require(study.runs().stream().filter(run -> !ledger.done(run.id())).toList(), root);
    TimeEstimates estimates =
        new TimeEstimates(ledger, study.runs(), Machine.json(means.threads(), means.device()));
    Map<String, String> missing = SetSizes.missing(study.runs());
    missing.forEach(
        (set, why) ->
            progress.println(
                (why.contains(set) ? "" : set + ": ") + why.replaceFirst("^--data ", "")));
    UnplannedRuns.lines(study, ledger.records()).forEach(progress::println);
    UnequalQueues.lines(study).forEach(progress::println);
    Map<String, Row> rows = new LinkedHashMap<>();
    TreeSet<String> sources = new TreeSet<>();
    List<PlannedRun> left = new ArrayList<>();
    int failed = 0;
    for (PlannedRun run : study.runs()) {
      List<String> lacks = SetSizes.needed(run).stream().filter(missing::containsKey).toList();
      if (lacks.isEmpty() && !estimates.timed(run)) {
        time(run, means, estimates, progress);
      }
      TimeEstimates.Seconds seconds = estimates.of(run);
      if (seconds != null) {
        sources.add(
            seconds.measured() ? "finished runs of the ledger" : "a timing of this machine");
      }
      boolean done = ledger.done(run.id());
      failed += ledger.failed(run.id()) ? 1 : 0;
      if (!done) {
        left.add(run);
      }
      String cell = String.join(" ", run.data(), run.stream(), run.method(), run.remedy());
      Row before = rows.get(cell);
      rows.put(
          cell,
          new Row(
              run.data(),
              run.stream(),
              run.settings().stream().chunks(),
              run.method(),
              run.remedy(),
              1 + (before == null ? 0 : before.seeds()),
              (done ? 1 : 0) + (before == null ? 0 : before.done()),
              seconds,
              lacks));
    }
    return new StudyPlan(
        study.runs().size(),
        study.runs().size() - left.size(),
        failed,
        List.copyOf(rows.values()),
        hours(estimates, study.runs(), means),
        hours(estimates, left, means),
        sources.isEmpty() ? "nothing: no set is here" : String.join(" and ", sources),
        missing);
  }

  private static Double hours(
      TimeEstimates estimates, List<PlannedRun> runs, StudyRunner.Means means) {
    Double seconds = estimates.together(runs);
    return seconds == null ? null : seconds / means.jobs() / 3600;
  }

  /** Times as many processes at once as the study will run, and takes their mean. */
  private static void time(
      PlannedRun run, StudyRunner.Means means, TimeEstimates estimates, PrintStream progress)
      throws IOException {
    progress.printf("timing %s, %d side by side%n", TimeEstimates.pace(run), means.jobs());
    try (WorkFolder work =
        WorkFolder.in(Path.of(System.getProperty("java.io.tmpdir")), "millrace-plan")) {
      Path folder = work.path();
      Launcher here = new LocalLauncher();
      List<RunProcess> processes = new ArrayList<>();
      for (int i = 0; i < means.jobs(); i++) {
        Path file = folder.resolve("time-" + i + ".json");
        Map<String, Object> settings = new LinkedHashMap<>(run.settings().asMap());
        settings.put("threads", means.threads());
        settings.put("device", means.device());
        new Job(Job.TIME, "", "", null, "", settings, List.of(), InsightParts.none(), "")
            .write(file);
        processes.add(
            RunProcess.start(
                here, "timing", file, List.of(), file, folder.resolve("time-" + i + ".log")));
      }
      ObjectNode sum = JSON.createObjectNode();
      List<JsonNode> found = new ArrayList<>();
      for (RunProcess process : processes) {
        int code = process.await(found::add);
        if (code != 0) {
          throw new IOException(
              "timing this machine with %d runs side by side failed; fewer --jobs need less memory: %s"
                  .formatted(means.jobs(), process.failure(code)));
        }
      }
      for (JsonNode one : found) {
        one.fields()
            .forEachRemaining(
                e ->
                    sum.put(
                        e.getKey(),
                        sum.path(e.getKey()).asDouble() + e.getValue().asDouble() / found.size()));
      }
      progress.printf(
          Locale.ROOT,
          "  %.0f images/s of training, %.0f of probing, each process%n",
          sum.path("images_per_s").asDouble(),
          sum.path("features_per_s").asDouble());
      estimates.time(run, sum);
    }
  }

  /** As scripts read it. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("planned", runs);
    json.put("done", done);
    json.put("failed", failed);
    json.put("hours", hours);
    json.put("hours_left", hoursLeft);
    json.put("estimated_from", source);
    json.put("missing", missing);
    json.put("runs", rows.stream().map(StudyPlan::json).toList());
    return json;
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("data", row.data());
    json.put("stream", row.stream());
    json.put("chunks", row.chunks());
    json.put("method", row.method());
    json.put("remedy", row.remedy());
    json.put("seeds", row.seeds());
    json.put("done", row.done());
    json.put("seconds_each", row.seconds() == null ? null : row.seconds().total());
    return json;
  }

  /** The name in a table or a sentence. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    String form = "%-16s %-9s %6s  %-15s %-7s %5s %5s  %s";
    lines.add(
        form.formatted(
            "data", "stream", "chunks", "method", "remedy", "seeds", "done", "one takes"));
    double[] parts = new double[3];
    for (Row row : rows) {
      TimeEstimates.Seconds s = row.seconds();
      lines.add(
          form.formatted(
              row.data(),
              row.stream(),
              row.chunks() == 1 && !row.stream().equals("joint") ? "all" : row.chunks(),
              row.method(),
              row.remedy(),
              row.seeds(),
              row.done(),
              s == null
                  ? row.lacks().isEmpty()
                      ? "unknown"
                      : "unknown without " + Say.count(row.lacks().size(), "missing set")
                  : "%s training, %s probes, %s insight"
                      .formatted(Say.time(s.train()), Say.time(s.probe()), Say.time(s.insight()))));
      if (s != null) {
        parts[0] += s.train() * row.seeds();
        parts[1] += s.probe() * row.seeds();
        parts[2] += s.insight() * row.seeds();
      }
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%s, %d done, %d failed; %s in all, %s left, by %s",
            Say.count(runs, "run"),
            done,
            failed,
            hours(hours),
            hours(hoursLeft),
            source));
    lines.add(
        String.format(
            Locale.ROOT,
            "of all processes: %.1f h training, %.1f h probes, %.1f h insight",
            parts[0] / 3600,
            parts[1] / 3600,
            parts[2] / 3600));
    return lines;
  }

  private static String hours(Double hours) {
    return hours == null ? "unknown hours" : String.format(Locale.ROOT, "%.1f hours", hours);
  }
}
