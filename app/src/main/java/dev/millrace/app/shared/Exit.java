package dev.millrace.app.shared;

import dev.millrace.refusal.UsageException;
import picocli.CommandLine;

/** What the process ends with; docs/run.md says what to do then. */
public final class Exit {
  /** The exit code of a run that a signal stopped. */
  public static final int STOPPED = 130;

  /** The exit code of a run whose guard found its encoder worse than the one before. */
  public static final int WORSE = 3;

  /** All of them, for help. */
  public static final String WORDS =
      "Exit codes: "
          + CommandLine.ExitCode.OK
          + " done, "
          + CommandLine.ExitCode.SOFTWARE
          + " failed, "
          + CommandLine.ExitCode.USAGE
          + " wrong usage, "
          + WORSE
          + " done but worse (--guard), "
          + STOPPED
          + " stopped.";

  private Exit() {}

  /** The exit code of a command that failed. */
  public static int code(Exception failure) {
    return failure instanceof UsageException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }
}
