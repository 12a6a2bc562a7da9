package dev.millrace.launch;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * The options of this JVM that one which it starts may have as well: all but those that claim a
 * port or a file, which two cannot have. Stateless.
 */
public final class ChildOptions {
  private static final List<String> ONCE =
      List.of(
          "-Dcom.sun.management.", // JMX: a port, or a file that says one
          "-agentlib:jdwp", // a debugger's
          "-Xrunjdwp",
          "-Xloggc:");

  private ChildOptions() {}

  /** Those of this JVM. */
  public static List<String> ofThis() {
    return of(ManagementFactory.getRuntimeMXBean().getInputArguments());
  }

  /** Those of given ones. */
  static List<String> of(List<String> options) {
    return options.stream()
        .filter(option -> ONCE.stream().noneMatch(option::startsWith) && !logsToAFile(option))
        .toList();
  }

  /** {@code -Xlog:WHAT:OUTPUT…}, where the output is a file. */
  private static boolean logsToAFile(String option) {
    String[] parts = option.split(":", 4);
    return parts[0].equals("-Xlog")
        && parts.length > 2
        && !List.of("", "stdout", "stderr").contains(parts[2]);
  }
}
