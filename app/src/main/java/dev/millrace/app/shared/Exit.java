package dev.millrace.app.shared;

import dev.millrace.refusal.UsageException;
import picocli.CommandLine;

/** What the process ends with: 0 done, 1 failed, 2 wrong usage, 3 worse, 130 stopped. */
public final class Exit {
  /** The exit code of a run that a signal stopped. */
  public static final int STOPPED = 130;

  /** The exit code of a run whose guard found its encoder worse than the one before. */
  public static final int WORSE = 3;

  private Exit() {}

  /** The exit code of a command that failed. */
  public static int code(Exception failure) {
    return failure instanceof UsageException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }
}
