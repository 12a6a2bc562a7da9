package dev.millrace.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/**
 * All loops of {@link StressLoop} at once in one process, for some seconds; then they are
 * interrupted, and each must end between two native calls. Says how each ended; exits with 1 if one
 * failed or did not end.
 */
final class StressTogether {
  private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(60);

  private StressTogether() {}

  /** Arguments: a folder that does not exist, native threads, seconds, and the seed. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    int threads = Integer.parseInt(args[1]);
    long seed = Long.parseLong(args[3]);
    StressLoop.run("prepare", root, root, 1, seed); // two would wait for each other
    Map<String, String> ends = new ConcurrentSkipListMap<>();
    List<Thread> all = new ArrayList<>();
    for (String loop : StressLoop.ALL) {
      Thread thread =
          new Thread(
              () -> ends.put(loop, end(loop, root.resolve("own-" + loop), root, threads, seed)),
              loop);
      thread.setDaemon(true);
      thread.start();
      all.add(thread);
    }
    Thread.sleep((long) (1000 * Double.parseDouble(args[2])));
    all.forEach(Thread::interrupt);
    for (Thread thread : all) {
      thread.join(PATIENCE_MILLIS);
      if (thread.isAlive()) {
        ends.put(thread.getName(), "did not end");
      }
    }
    ends.forEach((loop, end) -> System.out.println(loop + ": " + end));
    boolean sound = ends.values().stream().allMatch(end -> end.matches("done|stopped"));
    System.exit(sound ? 0 : 1);
  }

  /** In a word how a loop ended; what failed is printed. */
  private static String end(String loop, Path own, Path root, int threads, long seed) {
    try {
      StressLoop.run(loop, root, own, threads, seed);
      return Thread.currentThread().isInterrupted() ? "stopped" : "done";
    } catch (CancellationException | InterruptedException e) {
      return "stopped";
    } catch (Exception e) {
      e.printStackTrace();
      return "failed";
    }
  }
}
