package dev.millrace.live.learn;

import static dev.millrace.file.Json.JSON;

import dev.millrace.engine.ProcessEnd;
import dev.millrace.file.Reason;
import dev.millrace.live.LiveFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * The process that learns. Each line of stdin is the number of a chunk, up to which it learns; it
 * answers each by a line of JSON. The end of stdin, which comes with the end of the process that
 * started it, stops it at a checkpoint, and so does a signal, which the keyboard and systemd send
 * to both.
 */
public final class LearnerMain {
  private static final int END = 0;

  /** A checkpoint is written after the step at hand; what takes longer than this is given up. */
  private static final long PATIENCE_SECONDS = 60;

  private LearnerMain() {}

  /** Learns in the live run that the one argument names. */
  public static void main(String[] arguments) throws Exception {
    System.setProperty("java.awt.headless", "true");
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // what it prints is English
    PrintStream answers = System.out;
    System.setOut(System.err); // libraries may say something; it is no answer
    LiveFolder folder = LiveFolder.of(Path.of(arguments[0]));
    AtomicBoolean stop = new AtomicBoolean();
    BlockingQueue<Integer> asked = new LinkedBlockingQueue<>();
    for (String signal : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(signal), any -> stop(asked, stop));
      } catch (IllegalArgumentException e) {
        // The JVM keeps it for itself (-Xrs); who started this process ends its stdin.
      }
    }
    Thread reader = new Thread(() -> read(System.in, asked, stop), "learner-stdin");
    reader.setDaemon(true);
    reader.start();
    ChunkLearning learning = new ChunkLearning(folder, event -> {}, stop::get);
    for (int chunk = asked.take(); chunk != END; chunk = asked.take()) {
      answer(answers, learning, chunk);
      if (stop.get()) {
        break;
      }
    }
    System.exit(stop.get() ? ProcessEnd.STOPPED : 0);
  }

  private static void answer(PrintStream answers, ChunkLearning learning, int chunk)
      throws IOException {
    Map<String, Object> said;
    try {
      said = Map.of(learning.upTo(chunk) ? "learned" : "stopped", chunk);
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
      said = Map.of("failed", chunk, "reason", Reason.whole(e));
    }
    answers.println(JSON.writeValueAsString(said));
    answers.flush();
  }

  private static void stop(BlockingQueue<Integer> asked, AtomicBoolean stop) {
    stop.set(true);
    asked.add(END);
  }

  private static void read(InputStream stdin, BlockingQueue<Integer> asked, AtomicBoolean stop) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        asked.add(Integer.parseInt(line.strip()));
      }
    } catch (IOException e) {
      e.printStackTrace();
    }
    stop(asked, stop);
    try {
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ProcessEnd.halt(ProcessEnd.STOPPED);
  }
}
