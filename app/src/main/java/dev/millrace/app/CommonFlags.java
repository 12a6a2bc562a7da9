package dev.millrace.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The flags that every sub-command has. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    showDefaultValues = false)
final class CommonFlags {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--json", description = "print one JSON object as the last line on stdout")
  private boolean json;

  @Option(names = "--threads", paramLabel = "N", description = "cores to use (default: all)")
  private Integer threads;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "cpu, cuda, cuda:1, … (default: cpu)")
  private String device;

  @Option(names = "--debug", description = "print the stack trace of a failure")
  private boolean debug;

  /** Whether the result goes to stdout as JSON. */
  boolean json() {
    return json;
  }

  /** The given number of threads, or null. */
  Integer threadsGiven() {
    return threads;
  }

  /**
   * The number of threads: the given one, or all cores.
   *
   * @throws IllegalArgumentException below 1
   */
  int threads() {
    if (threads != null && threads < 1) {
      throw new IllegalArgumentException("--threads " + threads + " is below 1");
    }
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** The given device, or null. */
  String deviceGiven() {
    return device;
  }

  /** The given device, or the processor. */
  String device() {
    return device == null ? "cpu" : device;
  }

  /** Whether stack traces are wanted. */
  boolean debug() {
    return debug;
  }

  /** Prints the result: as JSON if asked for, else as lines, in none of which is a line break. */
  void print(Map<String, ?> result, List<String> lines) {
    try {
      (json ? List.of(JSON.writeValueAsString(result)) : lines).forEach(System.out::println);
      System.out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result of numbers and names is always JSON", e);
    }
  }
}
