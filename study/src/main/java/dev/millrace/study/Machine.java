package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.recipe.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run was made on. A processor's name may hide its generation, as on rented machines, and a
 * generation decides both how long a step takes and how its sums are rounded.
 */
final class Machine {
  private static final Path ABOUT = Path.of("/proc/cpuinfo");

  /** Family, model and stepping of a processor. */
  private static final String GENERATION = "generation";

  /** The widest instructions for vectors. */
  private static final String VECTOR = "vector";

  private Machine() {}

  /**
   * As a ledger's line has it.
   *
   * @param threads that the run used
   * @param device what its tensors are on, such as {@code cpu}
   */
  static ObjectNode json(int threads, String device) throws IOException {
    return processor(Files.isReadable(ABOUT) ? Files.readAllLines(ABOUT) : List.of())
        .put("cpus", Runtime.getRuntime().availableProcessors())
        .put("threads", threads)
        .put("device", device)
        .put("java", System.getProperty("java.version"))
        .put("libtorch", Versions.of("pytorch"))
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  /**
   * Name, generation and vector instructions, as far as the system tells.
   *
   * @param about lines of Linux's {@code /proc/cpuinfo}; none elsewhere
   */
  static ObjectNode processor(List<String> about) {
    String name = first(about, "model name");
    ObjectNode machine =
        JSON.createObjectNode().put("cpu", name.isEmpty() ? System.getProperty("os.arch") : name);
    String generation =
        Stream.of("cpu family", "model", "stepping")
            .map(key -> first(about, key))
            .collect(Collectors.joining("/"));
    if (!generation.contains("//") && !generation.startsWith("/") && !generation.endsWith("/")) {
      machine.put(GENERATION, generation);
    }
    List<String> flags = List.of(first(about, "flags").split("\\s+"));
    String vector =
        flags.contains("amx_bf16")
            ? "AMX"
            : flags.contains("avx512_bf16")
                ? "AVX-512 BF16"
                : flags.contains("avx512f") ? "AVX-512" : flags.contains("avx2") ? "AVX2" : null;
    if (vector != null) {
      machine.put(VECTOR, vector);
    }
    return machine;
  }

  /** The value of the first line with a key; empty where there is none. */
  private static String first(List<String> about, String key) {
    return about.stream()
        .map(line -> line.split(":", 2))
        .filter(line -> line.length == 2 && line[0].strip().equals(key))
        .map(line -> line[1].strip())
        .findFirst()
        .orElse("");
  }

  /**
   * Whether a line's machine is, for all that the line tells, of the kind of this one; older lines
   * know neither generation nor vectors.
   */
  static boolean alike(JsonNode line, JsonNode here) {
    return told(line, here, GENERATION)
        && told(line, here, VECTOR)
        && line.path("cpu").asText().equals(here.path("cpu").asText())
        && line.path("cpus").asText().equals(here.path("cpus").asText())
        && line.path("threads").asText().equals(here.path("threads").asText())
        && line.path("device").asText("cpu").equals(here.path("device").asText("cpu"));
  }

  private static boolean told(JsonNode line, JsonNode here, String key) {
    return !line.has(key) || line.path(key).equals(here.path(key));
  }
}
