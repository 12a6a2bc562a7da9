package dev.millrace.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A command as a child of this process. Its stdin ends with this process, which asks it to stop;
 * its stdout is progress; its stderr is appended to a log, or, without one, is for {@link #errors}.
 */
public final class ChildProcess implements Launched {
  private static final int TAIL_LINES = 12;
  private static final int TAIL_BYTES = 4000;

  /** 128 and SIGKILL. */
  private static final int KILLED = 137;

  private final Process process;
  private final Path log;
  private final long logFrom;

  private ChildProcess(Process process, Path log, long logFrom) {
    this.process = process;
    this.log = log;
    this.logFrom = logFrom;
  }

  /**
   * Starts one.
   *
   * @param environment that it gets where this process has no such variable
   * @param folder that it works in; null for that of this process
   */
  public static ChildProcess start(
      JvmLine jvm, Command command, Map<String, String> environment, Path folder)
      throws IOException {
    Path log = command.log();
    ProcessBuilder builder =
        new ProcessBuilder(jvm.of(command)).directory(folder == null ? null : folder.toFile());
    long from = 0;
    if (log != null) {
      Files.createDirectories(log.getParent());
      from = Files.exists(log) ? Files.size(log) : 0;
      builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }
    environment.forEach(builder.environment()::putIfAbsent);
    ChildOptions.inEnglish(builder.environment());
    return new ChildProcess(builder.start(), log, from);
  }

  @Override
  public int await(Consumer<String> lines) throws IOException {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.accept(line);
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a run", e);
    }
  }

  /**
   * Reads what a process without a log writes to stderr, to its end.
   *
   * @param lines given each of them
   */
  public void errors(Consumer<String> lines) throws IOException {
    try (BufferedReader err =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        lines.accept(line);
      }
    }
  }

  /** Whether it ended within some milliseconds. */
  public boolean ended(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void stop() {
    OutputStream in = process.getOutputStream();
    try {
      in.write('\n');
      in.flush();
    } catch (IOException e) {
      // It has ended, which is what was asked for.
      return;
    }
  }

  /** The exit code of a process that has ended. */
  public int code() {
    return process.exitValue();
  }

  /** Ends it at once. */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public String failure(int code) throws IOException {
    return failure(code, log, logFrom);
  }

  /** Bytes of its log that are not its own, but of earlier processes. */
  public long logFrom() {
    return logFrom;
  }

  /**
   * Why a process failed, in words.
   *
   * @param log what it wrote to stderr, behind {@code from}
   */
  public static String failure(int code, Path log, long from) throws IOException {
    String killed = code == KILLED ? ", killed, as a system does that runs out of memory" : "";
    return "exit code %d%s: %s".formatted(code, killed, tail(log, from));
  }

  private static String tail(Path log, long logFrom) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(logFrom, file.length() - TAIL_BYTES);
      byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> lines =
          new String(bytes, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
  }
}
