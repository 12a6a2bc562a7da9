package dev.millrace.launch;

import java.nio.file.Path;
import java.util.List;

/**
 * A command of Millrace that shall run as a process of its own.
 *
 * @param name for a person, such as the name of a run
 * @param arguments behind {@code millrace}; paths in them are absolute
 * @param needs files that the process reads; where one is not seen, the command is not started
 * @param gives a file that is there when it has ended well
 * @param log absolute; what the process writes to stderr is appended to it; null where whoever
 *     starts the process reads that
 */
public record Command(String name, List<String> arguments, List<Path> needs, Path gives, Path log) {
  /** Makes the lists immutable. */
  public Command {
    arguments = List.copyOf(arguments);
    needs = List.copyOf(needs);
  }
}
