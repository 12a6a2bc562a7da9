package dev.millrace.bench;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measurements in processes of their own, each with one JSON line as its last output. */
final class OwnProcess {
  private OwnProcess() {}

  /** The command line of a measurement of {@link Ours}. */
  static List<String> ours(List<String> arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseParallelGC",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Ours.class.getName()));
    line.addAll(arguments);
    return line;
  }

  /**
   * The JSON of a process's last line.
   *
   * @throws IOException if it ends with anything but 0
   */
  static JsonNode run(List<String> line) throws IOException, InterruptedException {
    Path out = Files.createTempFile("millrace-bench", ".out");
    Path err = Files.createTempFile("millrace-bench", ".err");
    try {
      int code =
          new ProcessBuilder(line)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start()
              .waitFor();
      if (code != 0) {
        throw new IOException(
            String.join(" ", line) + " ended with " + code + ": " + Files.readString(err));
      }
      String[] lines = Files.readString(out, StandardCharsets.UTF_8).strip().split("\n");
      return JSON.readTree(lines[lines.length - 1]);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** The middle one, or the mean of the two in the middle. */
  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
