package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.launch.Command;
import dev.millrace.launch.Launched;
import dev.millrace.launch.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The process of one run, wherever it is. Its stdout is progress, its stderr is appended to a log.
 * {@link #stop} may come from any thread.
 */
final class RunProcess {
  private final Launched process;

  private RunProcess(Launched process) {
    this.process = process;
  }

  /**
   * Starts the process of a job.
   *
   * @param name for a person
   * @param job what it shall do; absolute
   * @param data files that it reads as well
   * @param result file of its answer
   * @param log absolute
   */
  static RunProcess start(
      Launcher launcher, String name, Path job, List<Path> data, Path result, Path log)
      throws IOException {
    List<Path> needs = new ArrayList<>(data);
    needs.add(job);
    return new RunProcess(
        launcher.start(
            new Command(name, List.of("study", "one", job.toString()), needs, result, log)));
  }

  /**
   * Reads progress until the process ends; answers its exit code.
   *
   * @throws IOException if it could not be started where it should, or the cluster is gone
   */
  int await(Consumer<JsonNode> progress) throws IOException {
    return process.await(
        line -> {
          try {
            progress.accept(JSON.readTree(line));
          } catch (JsonProcessingException e) {
            return; // half a line of a process that was killed, or words of a library
          }
        });
  }

  /** Asks for a stop at a checkpoint; again and again does no harm. */
  void stop() {
    process.stop();
  }

  /** Why this process failed, in words: its exit code and the end of what it wrote to its log. */
  String failure(int code) throws IOException {
    return process.failure(code);
  }
}
