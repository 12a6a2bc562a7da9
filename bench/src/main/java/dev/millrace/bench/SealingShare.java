package dev.millrace.bench;

import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.file.Trees;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which share of a run's time goes into checksums and their records: every few milliseconds it is
 * looked at what the run's threads are doing.
 *
 * <pre>
 * bench/run dev.millrace.bench.SealingShare --chunks 200 --pictures 60 --width 4 --size 8
 * bench/run dev.millrace.bench.SealingShare --chunks 5 --pictures 4000 --epochs 4
 * </pre>
 */
public final class SealingShare {
  private static final long EVERY_MILLIS = 3;

  private SealingShare() {}

  /** {@code --pictures N} per chunk of made-up ones; the others are settings of the run. */
  public static void main(String[] args) throws Exception {
    Arguments given =
        new Arguments(
            args,
            List.of("chunks", "pictures", "width", "size", "epochs", "batch", "queue", "threads"));
    int chunks = given.number("chunks", 5);
    int pictures = given.number("pictures", 4000);
    int size = given.number("size", 32);
    Map<String, Object> changes = new HashMap<>();
    changes.put("stream", "instance");
    changes.put("chunks", chunks);
    changes.put("width", given.number("width", 16));
    changes.put("size", size);
    changes.put("epochs", given.number("epochs", 1));
    changes.put("batch", given.number("batch", Math.min(256, pictures)));
    changes.put("queue", given.number("queue", Math.min(2048, pictures)));
    changes.put("replay", 0.1);
    changes.put("threads", given.number("threads", 1));
    changes.put("schedule", "restart"); // nothing but steps beside the sealing
    Settings settings =
        Settings.defaults("generated:images=%d;test=0;size=%d".formatted(chunks * pictures, size))
            .with(changes);
    Path work = Files.createTempDirectory("millrace-sealing");
    Looks looks = new Looks();
    Thread looking = new Thread(looks, "looks");
    looking.setDaemon(true);
    try {
      looking.start();
      long began = System.nanoTime();
      Millrace.pretrain(settings, work.resolve("run"));
      looks.stop();
      looking.join();
      looks.print((System.nanoTime() - began) * 1e-9);
    } finally {
      Trees.delete(work);
    }
    System.exit(0); // libtorch's threads would keep the process
  }

  /** Looks at all threads, and counts those times at which one of them was at checksums. */
  private static final class Looks implements Runnable {
    private volatile boolean ended;
    private long all;
    private long digesting;
    private long sealing;

    @Override
    public void run() {
      try {
        while (!ended) {
          Thread.sleep(EVERY_MILLIS);
          look();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void look() {
      boolean digest = false;
      boolean seal = false;
      for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
        for (StackTraceElement frame : stack) {
          String name = frame.getClassName();
          digest |= name.equals(Sha256.class.getName()) || name.startsWith("java.security.Message");
          seal |= name.equals(Seal.class.getName());
        }
      }
      all++;
      digesting += digest ? 1 : 0;
      sealing += seal ? 1 : 0;
    }

    void stop() {
      ended = true;
    }

    void print(double seconds) {
      System.out.printf(
          Locale.ROOT,
          "%.1f s, looked at %d times: %.2f %% in Seal (its commits included), %.2f %% in digests of any kind%n",
          seconds,
          all,
          100.0 * sealing / all,
          100.0 * digesting / all);
    }
  }
}
