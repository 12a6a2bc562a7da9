package dev.millrace.app.shared;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The flags of a sub-command that computes nothing. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    showDefaultValues = false)
public class OutputFlags {
  @Option(names = "--json", description = "print one JSON object as the last line on stdout")
  private boolean json;

  @Option(names = "--debug", description = "print the stack trace of a failure")
  private boolean debug;

  /** Whether the result goes to stdout as JSON. */
  public boolean json() {
    return json;
  }

  /** Whether stack traces are wanted. */
  public boolean debug() {
    return debug;
  }

  /** Prints the result: as JSON if asked for, else as lines, in none of which is a line break. */
  public void print(Map<String, ?> result, List<String> lines) {
    try {
      (json ? List.of(JSON.writeValueAsString(result)) : lines).forEach(System.out::println);
      System.out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result of numbers and names is always JSON", e);
    }
  }
}
