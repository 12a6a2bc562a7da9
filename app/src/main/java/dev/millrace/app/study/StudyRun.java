package dev.millrace.app.study;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.Progress;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.file.ShellWords;
import dev.millrace.refusal.UsageException;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyPlan;
import dev.millrace.study.StudyRunner;
import dev.millrace.study.record.Ledger;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
      description = "show the runs and the estimated hours, and make none of them")
  private boolean plan;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "runs side by side, each a process of its own; --threads counts for each (default: all cores divided by N)")
  private int jobs;

  @Override
  public Integer call() throws IOException {
    if (jobs < 1) {
      throw UsageException.of("--jobs", jobs + " is below 1");
    }
    StudyFile study = read();
    Path root = out == null ? Path.of("studies", study.name()) : out;
    int threads =
        common.threadsGiven() == null ? Math.max(1, common.threads() / jobs) : common.threads();
    StudyRunner.Means means = new StudyRunner.Means(jobs, threads, common.device());
    new Device(means.device()).require();
    if (plan) {
      return plan(study, root, means);
    }
    StopSignals stop =
        StopSignals.listen("stopping: every run writes a checkpoint; a second signal ends at once");
    StudyRunner.Outcome outcome;
    System.err.println(
        "study: " + root + ", " + means.jobs() + " side by side, threads of each: " + threads);
    try (StudyFolder folder = StudyFolder.open(root, file);
        Ledger ledger = Ledger.open(StudyFolder.ledger(root))) {
      outcome =
          new StudyRunner(study, folder, ledger, means, stop, System.err, Progress.terminal()).go();
    }
    Path report = outcome.stopped() ? null : Study.report(root).file();
    Map<String, Object> json =
        Study.json(outcome.planned(), outcome.done(), outcome.failed(), report);
    json.put("failed_comparisons", outcome.failedComparisons());
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
    if (report != null) {
      words.add("report: " + report);
    }
    if (outcome.stopped()) {
      System.err.printf(
          "stopped; go on with: %s%n",
          ShellWords.of(
              Say.command(),
              "study",
              "run",
              ShellWords.place(file),
              "--out",
              ShellWords.place(root),
              "--jobs",
              jobs));
      if (common.json()) {
        common.print(json, words);
      }
      return Exit.STOPPED;
    }
    common.print(json, words);
    return outcome.done() == outcome.planned() && outcome.failedComparisons() == 0 ? 0 : 1;
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
    StudyPlan made = StudyPlan.of(study, Ledger.read(StudyFolder.ledger(root)), means, System.err);
    common.print(made.json(), made.lines());
    return 0;
  }
}
