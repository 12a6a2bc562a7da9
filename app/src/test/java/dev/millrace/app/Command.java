package dev.millrace.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The real command as a process of its own, as a user starts it. */
final class Command {
  private static final long PATIENCE_SECONDS = 1200;

  private final Process process;
  private final Path out;
  private final Path err;

  private Command(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** What an ended process left. */
  record Ended(int code, String out, String err) {
    JsonNode json() throws IOException {
      String[] lines = out.strip().split("\n");
      return new ObjectMapper().readTree(lines[lines.length - 1]);
    }
  }

  static Command start(String... args) throws IOException {
    return start(List.of(), "dev.millrace.app.Main", args);
  }

  /** A class's main, with more options of the JVM. */
  static Command start(List<String> options, String main, String... args) throws IOException {
    return start(Map.of(), options, main, args);
  }

  /** The command with more in its environment. */
  static Ended done(Map<String, String> environment, String... args) throws Exception {
    return done(start(environment, List.of(), "dev.millrace.app.Main", args).await(), args);
  }

  private static Command start(
      Map<String, String> environment, List<String> options, String main, String... args)
      throws IOException {
    Path out = Files.createTempFile("millrace", ".out");
    Path err = Files.createTempFile("millrace", ".err");
    List<String> line = CommandJvm.line(options, main);
    line.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new Command(builder.start(), out, err);
  }

  static Ended run(String... args) throws Exception {
    return start(args).await();
  }

  static Ended done(String... args) throws Exception {
    return done(run(args), args);
  }

  private static Ended done(Ended ended, String... args) {
    if (ended.code() != 0) {
      throw new AssertionError(String.join(" ", args) + " ended with " + ended);
    }
    return ended;
  }

  Ended await() throws Exception {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("no end after " + PATIENCE_SECONDS + " s: " + Files.readString(err));
    }
    return new Ended(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** Waits until something holds; false if the process ended before. */
  boolean reaches(BooleanSupplier holds) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < until) {
      if (holds.getAsBoolean()) {
        return true;
      }
      if (!process.isAlive()) {
        return false;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("never got there");
  }

  /** SIGKILL. */
  void kill() throws Exception {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Any signal by its name, as {@code INT}. */
  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** The processes that it started. */
  List<ProcessHandle> children() {
    return process.children().toList();
  }

  boolean alive() {
    return process.isAlive();
  }

  static long lines(Path file) {
    try {
      if (!Files.exists(file)) {
        return 0;
      }
      byte[] bytes = Files.readAllBytes(file);
      long lines = 0;
      for (byte b : bytes) {
        lines += b == '\n' ? 1 : 0;
      }
      return lines;
    } catch (IOException e) {
      return 0; // replaced in this very moment; the next look will see it
    }
  }
}
