package dev.millrace.launch;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a JVM that this one starts has of it: its options, but for those that claim a port or a
 * file, which two cannot have; and its environment, but for the language of messages. Stateless.
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

  /**
   * Has the system say why a file failed in English, whose words are looked for and shown: {@code
   * LC_MESSAGES} and all else become {@code C}, but for the encoding of file names, {@code
   * LC_CTYPE}, which stays what it is. A locale that is not installed must be in none of them: Java
   * would encode file names as ASCII.
   *
   * @param environment of a process that is not started yet; changed
   */
  public static void inEnglish(Map<String, String> environment) {
    String names =
        Stream.of("LC_ALL", "LC_CTYPE", "LANG")
            .map(environment::get)
            .filter(value -> value != null && !value.isEmpty())
            .findFirst()
            .orElse("C");
    environment.keySet().removeIf(key -> key.startsWith("LC_") || key.equals("LANGUAGE"));
    environment.put("LANG", "C");
    environment.put("LC_CTYPE", names);
    environment.put("LC_MESSAGES", "C");
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
