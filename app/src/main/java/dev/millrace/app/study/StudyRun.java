package dev.millrace.app.study;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.SparkFlag;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.file.ShellWords;
import dev.millrace.launch.Launcher;
import dev.millrace.launch.LocalLauncher;
import dev.millrace.refusal.UsageException;
import dev.millrace.report.numbers.PlannedPower;
import dev.millrace.report.numbers.Study;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyNames;
import dev.millrace.study.StudyPlan;
import dev.millrace.study.StudyRunner;
import dev.millrace.study.record.Ledger;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Records;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the runs of a study that are not done yet, and the report. */
@Command(
    name = "run",
    sortOptions = false,
    description =
        "Makes every run of a study that its ledger does not have yet, then the report; after a kill, goes on where it was.",
    footer = {
      "",
      "Example: what a study would take, then the study",
      "  millrace study run configs/study/tiny.yaml --plan",
      "  millrace study run configs/study/tiny.yaml --jobs 2"
    })
final class StudyRun extends ComputingCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "STUDY.yaml", description = "file that describes the study")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder of the study (default: studies/NAME); an existing study is continued")
  private Path out;

  @Option(
      names = "--plan",
      description =
          "show the runs, the estimated hours and what the study could tell, and make none of them")
  private boolean plan;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description =
          "runs side by side, each a process of its own; --threads counts for each (default: one run with all cores; with --spark as many as its executors have cores, one thread each)")
  private Integer jobs;

  @Mixin private SparkFlag spark;

  @Override
  public Integer call() throws IOException {
    if (jobs != null && jobs < 1) {
      throw UsageException.of("--jobs", jobs + " is below 1");
    }
    StudyFile study = read();
    Path root = out == null ? Path.of("studies", study.name()) : out;
    if (spark.master() == null) {
      new Device(common.device()).require();
    }
    if (plan) {
      if (spark.master() != null) {
        throw UsageException.of(
            "--plan", "times this machine, not those of --spark; leave one out");
      }
      return plan(study, root, means(jobs == null ? 1 : jobs));
    }
    StopSignals stop =
        StopSignals.listen("stopping: every run writes a checkpoint; a second signal ends at once");
    StudyRunner.Outcome outcome;
    try (Launcher launcher = launcher(study, root, stop);
        StudyFolder folder = StudyFolder.open(root, file);
        Ledger ledger = Ledger.open(StudyFolder.ledger(root))) {
      StudyRunner.Means means = means(jobs != null ? jobs : Math.max(1, launcher.slots()));
      System.err.println(
          "study: %s, %d side by side%s, threads of each: %d"
              .formatted(
                  root,
                  means.jobs(),
                  spark.master() == null ? "" : " on " + spark.master(),
                  means.threads()));
      outcome =
          new StudyRunner(
                  study, folder, ledger, means, launcher, stop, System.err, Progress.terminal())
              .go();
    }
    Path report = outcome.stopped() ? null : StudyCommand.report(root).file();
    Map<String, Object> json =
        StudyCommand.json(outcome.planned(), outcome.done(), outcome.failed(), report);
    json.put("failed_comparisons", outcome.failedComparisons());
    json.put("blocked", outcome.blocked());
    json.put("missing", outcome.missing());
    List<String> words = new ArrayList<>();
    words.add(
        String.format(
            Locale.ROOT,
            "%d of %s done, %d failed%s",
            outcome.done(),
            Say.count(outcome.planned(), "run"),
            outcome.failed(),
            outcome.failedComparisons() == 0
                ? ""
                : ", %s with joint training failed"
                    .formatted(Say.count(outcome.failedComparisons(), "comparison"))));
    if (outcome.blocked() > 0) {
      words.add(
          "%s not made for want of sets that are not here: %s; with them, give the command again"
              .formatted(
                  Say.count(outcome.blocked(), "run"),
                  String.join(", ", outcome.missing().keySet())));
    }
    if (report != null) {
      words.add("report: " + report);
    }
    if (outcome.stopped()) {
      System.err.println("stopped; go on with: " + again(root));
      if (common.json()) {
        common.print(json, words);
      }
      return Exit.STOPPED;
    }
    common.print(json, words);
    return outcome.done() == outcome.planned() && outcome.failedComparisons() == 0 ? 0 : 1;
  }

  /**
   * How runs are made.
   *
   * @param side runs side by side
   */
  private StudyRunner.Means means(int side) {
    return new StudyRunner.Means(side, threads(side), common.device());
  }

  /** On a cluster one, since runs side by side use cores better than threads of a run. */
  private int threads(int side) {
    if (common.threadsGiven() != null) {
      return common.threads();
    }
    return spark.master() != null ? 1 : Math.max(1, common.threads() / side);
  }

  private Launcher launcher(StudyFile study, Path root, BooleanSupplier stop) throws IOException {
    return spark.master() == null
        ? new LocalLauncher()
        : spark.connect(
            "study " + study.name(),
            threads(1),
            StudyFolder.scratch(root),
            System.err::println,
            stop);
  }

  private String again(Path root) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                Say.command(),
                "study",
                "run",
                ShellWords.place(file),
                "--out",
                ShellWords.place(root)));
    if (jobs != null) {
      words.addAll(List.of("--jobs", jobs));
    }
    if (common.threadsGiven() != null) {
      words.addAll(List.of("--threads", common.threadsGiven()));
    }
    if (common.deviceGiven() != null) {
      words.addAll(List.of("--device", common.deviceGiven()));
    }
    if (spark.master() != null) {
      words.addAll(List.of("--spark", spark.master()));
    }
    if (common.json()) {
      words.add("--json");
    }
    return ShellWords.of(words.toArray());
  }

  private StudyFile read() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(
          spec.commandLine(),
          file + " is not a file; give a study such as configs/study/tiny.yaml");
    }
    try {
      return StudyFile.read(file);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int plan(StudyFile study, Path root, StudyRunner.Means means) throws IOException {
    StudyPlan made = StudyPlan.of(study, root, means, System.err);
    PlannedPower power =
        new PlannedPower(
            new Study(
                Records.of(List.of()),
                StudyCommand.planned(study),
                study.primary(),
                StudyNames.current()));
    List<String> lines = new ArrayList<>(made.lines());
    lines.addAll(power.lines());
    Map<String, Object> json = made.json();
    json.put("power", power.groups().stream().map(group -> power(group, study.primary())).toList());
    common.print(json, lines);
    return 0;
  }

  private static Map<String, Object> power(PlannedPower.Group group, Primary primary) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("family", group.family());
    json.put("comparisons", group.comparisons());
    json.put("of", group.tests());
    json.put("seeds", group.seeds());
    json.put("smallest_gap_in_deviations", group.smallestGap());
    json.put("equal_found_at_1_point", group.ofEqual(1, primary.margin()));
    return json;
  }
}
