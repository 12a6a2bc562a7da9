package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.recipe.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a run was made on. */
final class Machine {
  private Machine() {}

  /**
   * As a ledger's line has it.
   *
   * @param threads that the run used
   * @param device what its tensors are on, such as {@code cpu}
   */
  static ObjectNode json(int threads, String device) throws IOException {
    return JSON.createObjectNode()
        .put("cpu", cpu())
        .put("cpus", Runtime.getRuntime().availableProcessors())
        .put("threads", threads)
        .put("device", device)
        .put("java", System.getProperty("java.version"))
        .put("libtorch", Versions.of("pytorch"))
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  private static String cpu() throws IOException {
    Path about = Path.of("/proc/cpuinfo");
    if (Files.isReadable(about)) {
      try (Stream<String> lines = Files.lines(about)) {
        String line = lines.filter(l -> l.startsWith("model name")).findFirst().orElse("");
        if (!line.isEmpty()) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    }
    return System.getProperty("os.arch");
  }
}
