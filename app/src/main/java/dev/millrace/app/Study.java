package dev.millrace.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Many runs that answer one question; see its sub-commands. */
@Command(
    name = "study",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Many runs that answer one question: is streaming as good as training at once?",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {StudyRun.class, StudyOne.class})
final class Study implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which command? See `" + spec.qualifiedName() + " --help`");
  }

  /** Makes the report of a study's folder. */
  static Path report(Path study) {
    return null;
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
