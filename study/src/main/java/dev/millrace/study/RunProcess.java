package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The process of one run: the same Java, options and class path as this one. Its stdin ends with
 * this process, which tells it to stop; its stdout is progress; its stderr is appended to a log.
 * {@link #stop} may come from any thread.
 */
final class RunProcess {
  private static final int TAIL_LINES = 12;
  private static final int TAIL_BYTES = 4000;

  /** 128 and SIGKILL. */
  private static final int KILLED = 137;

  private final Process process;
  private final Path log;
  private final long logFrom;

  private RunProcess(Process process, Path log, long logFrom) {
    this.process = process;
    this.log = log;
    this.logFrom = logFrom;
  }

  /** Starts the process of a job. */
  static RunProcess start(Path job, Path log) throws IOException {
    Files.createDirectories(log.getParent());
    long from = Files.exists(log) ? Files.size(log) : 0;
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    line.add("-XX:ErrorFile=" + log + ".crash");
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add("dev.millrace.app.Main");
    line.addAll(List.of("study", "one", job.toString()));
    Process process =
        new ProcessBuilder(line)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new RunProcess(process, log, from);
  }

  /** Reads progress until the process ends; answers its exit code. */
  int await(Consumer<JsonNode> progress) throws IOException {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        try {
          progress.accept(JSON.readTree(line));
        } catch (JsonProcessingException e) {
          continue; // half a line of a process that was killed, or words of a library
        }
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a run", e);
    }
  }

  /** Asks for a stop at a checkpoint; again and again does no harm. */
  void stop() {
    OutputStream in = process.getOutputStream();
    try {
      in.write('\n');
      in.flush();
    } catch (IOException e) {
      // It has ended, which is what was asked for.
      return;
    }
  }

  /** Why this process failed, in words: its exit code and the end of what it wrote to its log. */
  String failure(int code) throws IOException {
    String killed = code == KILLED ? ", killed, as a system does that runs out of memory" : "";
    return "exit code %d%s: %s".formatted(code, killed, tail());
  }

  private String tail() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(logFrom, file.length() - TAIL_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> lines =
          new String(bytes, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
  }
}
