package dev.millrace.live.learn;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Closing;
import dev.millrace.launch.ChildOptions;
import dev.millrace.live.LiveFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Learns in a process of its own: the same Java, options and class path as this one. The process is
 * started when it is first needed, and again when it died. What it says goes to the live run's
 * learner.log. One thread learns; {@link #close} may be called by any.
 */
public final class LearnerProcess implements Learner {
  private static final int TAIL_BYTES = 2000;
  private static final int TAIL_LINES = 5;
  private static final long PATIENCE_SECONDS = 70;

  /** How much later than its process a program may act on the signal that both got. */
  private static final long SIGNAL_MILLIS = 3000;

  private final LiveFolder folder;
  private Process process;
  private BufferedReader answers;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Starts nothing yet. */
  public LearnerProcess(LiveFolder folder) {
    this.folder = folder;
  }

  @Override
  public boolean learn(int chunk) throws IOException {
    Process learner = started();
    if (learner == null) {
      return false;
    }
    try {
      learner.getOutputStream().write((chunk + "\n").getBytes(StandardCharsets.UTF_8));
      learner.getOutputStream().flush();
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        JsonNode said = parsed(line);
        if (said.has("learned")) {
          return true;
        }
        if (said.has("failed")) {
          throw new IOException(said.path("reason").asText());
        }
        if (said.has("stopped")) {
          break;
        }
      }
    } catch (IOException e) {
      if (learner.isAlive()) {
        throw e;
      }
    }
    int code = end(learner);
    if (closedWithin(code == ProcessEnd.STOPPED ? SIGNAL_MILLIS : 0)) {
      return false;
    }
    throw new IOException(
        code == ProcessEnd.STOPPED
            ? "the process that learns was stopped by a signal, at a checkpoint"
            : "the process that learns ended by itself: exit code %d: %s".formatted(code, tail()));
  }

  private static int end(Process learner) throws IOException {
    try {
      learner.getOutputStream().close();
    } catch (IOException e) {
      // What it was still to be told is of no use to it.
    }
    try {
      return learner.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the process that learns", e);
    }
  }

  /** Whether this is closed, or will be in a moment. */
  private boolean closedWithin(long millis) throws IOException {
    synchronized (this) {
      process = null;
    }
    try {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the process that learns", e);
    }
  }

  private static JsonNode parsed(String line) throws IOException {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      return JSON.createObjectNode(); // half a line of a process that was killed
    }
  }

  private synchronized Process started() throws IOException {
    if (closed.getCount() == 0) {
      return null;
    }
    if (process != null && process.isAlive()) {
      return process;
    }
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ChildOptions.ofThis());
    line.add("-XX:ErrorFile=" + folder.learnerLog() + ".crash");
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add(LearnerMain.class.getName());
    line.add(folder.root().toAbsolutePath().toString());
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.learnerLog().toFile()));
    ChildOptions.inEnglish(builder.environment());
    process = builder.start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return process;
  }

  private String tail() throws IOException {
    if (!Files.exists(folder.learnerLog())) {
      return "it said nothing";
    }
    try (RandomAccessFile file = new RandomAccessFile(folder.learnerLog().toFile(), "r")) {
      long from = Math.max(0, file.length() - TAIL_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> lines =
          new String(bytes, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
  }

  @Override
  public void close() throws IOException {
    Process learner;
    synchronized (this) {
      closed.countDown();
      learner = process;
    }
    if (learner == null) {
      return;
    }
    try {
      learner.getOutputStream().close(); // which asks for a stop at a checkpoint
    } finally {
      if (!Closing.within(
          TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS),
          nanos -> learner.waitFor(nanos, TimeUnit.NANOSECONDS))) {
        learner.destroyForcibly();
      }
    }
  }
}
