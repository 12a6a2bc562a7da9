package dev.millrace.app.study;

import dev.millrace.app.shared.Version;
import dev.millrace.report.StudyReport;
import dev.millrace.report.numbers.Study;
import dev.millrace.study.PlannedRun;
import dev.millrace.study.StudyFile;
import dev.millrace.study.StudyFolder;
import dev.millrace.study.StudyNames;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Names;
import dev.millrace.study.record.Primary;
import dev.millrace.study.record.Replicate;
import dev.millrace.study.record.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Many runs that answer one question; see its sub-commands. */
@Command(
    name = "study",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Many runs that answer one question: is streaming as good as training at once?",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StudyRun.class,
      StudyReportCommand.class,
      StudyOne.class,
      CommandLine.HelpCommand.class
    })
public final class StudyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which command? See `" + spec.qualifiedName() + " --help`");
  }

  /**
   * Makes the report of a study's folder; the copy of its file there, if there is one, tells what
   * is still missing.
   */
  static StudyReport report(Path study) throws IOException {
    return report(study, file(study));
  }

  /** The copy of its file in a study's folder, if there is one. */
  static Optional<StudyFile> file(Path study) throws IOException {
    return Files.exists(StudyFolder.file(study))
        ? Optional.of(StudyFile.read(StudyFolder.file(study)))
        : Optional.empty();
  }

  /** As {@link #report(Path)}, with that copy. */
  static StudyReport report(Path study, Optional<StudyFile> copy) throws IOException {
    List<Study.Planned> planned = List.of();
    List<String> protocol = List.of();
    Primary primary = Primary.DEFAULT;
    Optional<Primary> second = Optional.empty();
    String name = study.toAbsolutePath().normalize().getFileName().toString();
    if (copy.isPresent()) {
      StudyFile file = copy.get();
      // The copy is called study.yaml: a file that names no study would be called after that.
      name = file.name().equals("study") ? name : file.name();
      planned = planned(file);
      protocol = file.protocol();
      primary = file.primary();
      second = file.secondary();
    }
    if (!Files.exists(study.resolve(Names.FILE))) {
      StudyNames.current().write(study); // an older version wrote none
    }
    return StudyReport.write(study, name, planned, protocol, primary, second);
  }

  /** The runs of a study, as its report knows them. */
  static List<Study.Planned> planned(StudyFile file) {
    List<Study.Planned> planned = new ArrayList<>();
    for (PlannedRun run : file.runs()) {
      PlannedRun reference = file.comparison(run);
      planned.add(
          new Study.Planned(
              new Cell(run.data(), run.stream(), run.method(), run.remedy()),
              new Replicate(run.seed(), run.settings().stream().ordering()),
              run.id(),
              reference == null ? null : PlannedRun.comparison(run.id(), reference.id()),
              RunRecord.schedule(run.settings().asMap())));
    }
    return planned;
  }

  /** The fields that scripts rely on. */
  static Map<String, Object> json(int planned, int done, int failed, Path report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("planned", planned);
    json.put("done", done);
    json.put("failed", failed);
    json.put("report", report == null ? null : report.toString());
    return json;
  }
}
