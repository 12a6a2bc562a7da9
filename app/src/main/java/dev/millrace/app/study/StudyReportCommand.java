package dev.millrace.app.study;

import dev.millrace.app.shared.PlainCommand;
import dev.millrace.refusal.UsageException;
import dev.millrace.report.StudyReport;
import dev.millrace.study.StudyExamination;
import dev.millrace.study.StudyFile;
import dev.millrace.study.UnplannedRuns;
import dev.millrace.study.record.Records;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes the report of a study from what its ledger holds by now. */
@Command(
    name = "report",
    sortOptions = false,
    description = "Writes DIR/report.html and DIR/plots/ from the study's ledger, at any time.")
final class StudyReportCommand extends PlainCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "the study's folder; it holds LEDGER.jsonl")
  private Path study;

  @Override
  public Integer call() throws IOException {
    // A report replaces files: of a folder that is none of a study's, somebody else's.
    if (!StudyExamination.isStudy(study)) {
      throw UsageException.ofWord(
          study
              + " is no study's folder, which holds a LEDGER.jsonl; give the folder that `study run` named, studies/NAME by default");
    }
    Optional<StudyFile> file = StudyCommand.file(study);
    StudyReport report = StudyCommand.report(study, file);
    if (file.isPresent()) {
      UnplannedRuns.lines(file.get(), Records.read(study)).forEach(System.err::println);
    }
    common.print(
        StudyCommand.json(report.planned(), report.done(), report.failed(), report.file()),
        List.of(
            "%s planned, %d done, %d failed"
                .formatted(Say.count(report.planned(), "run"), report.done(), report.failed()),
            "report: " + report.file()));
    return 0;
  }
}
