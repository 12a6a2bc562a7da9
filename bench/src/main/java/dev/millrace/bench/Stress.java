package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs every native loop of {@link StressLoop} in processes of their own, two at a time beside
 * threads that keep all cores busy, and reports which crashed. Every other process is sent SIGTERM
 * in the middle.
 */
final class Stress {
  private static final int SIDE_BY_SIDE = 2;

  /** What a process may end with: done, or stopped by us. */
  private static final List<Integer> SOUND = List.of(0, 130, 143);

  private Stress() {}

  /** One process and what it does. */
  private record Running(String what, Process process, Path log) {}

  public static void main(String[] args) throws Exception {
    double minutes = 30;
    List<String> threads = List.of("2", "4");
    Path folder = null;
    for (int i = 0; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--minutes" -> minutes = Double.parseDouble(args[i + 1]);
        case "--threads" -> threads = List.of(args[i + 1].split(","));
        case "--folder" -> folder = Path.of(args[i + 1]);
        default -> throw new IllegalArgumentException(args[i] + " is no flag of bench/stress");
      }
    }
    Path root = folder == null ? Files.createTempDirectory("millrace-stress") : folder;
    Files.createDirectories(root);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly)));
    int crashes = run(root, minutes, threads);
    System.exit(crashes == 0 ? 0 : 1);
  }

  private static int run(Path root, double minutes, List<String> threads) throws Exception {
    Path run = root.resolve("run");
    if (!Files.exists(run)) {
      require(start(root, "prepare", "2", 0));
    }
    overload();
    long until = System.nanoTime() + (long) (minutes * 60e9);
    int made = 0;
    int crashes = 0;
    while (System.nanoTime() < until) {
      List<Running> all = new ArrayList<>();
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        String what = StressLoop.ALL.get((made + i) % StressLoop.ALL.size());
        String many = threads.get((made + i) / StressLoop.ALL.size() % threads.size());
        all.add(start(root, what, many, made + i));
      }
      for (Running one : all) {
        boolean stopped = made++ % 2 == 1;
        if (stopped && !one.process().waitFor(6, TimeUnit.SECONDS)) {
          one.process().destroy();
        }
        int code = one.process().waitFor();
        if (!SOUND.contains(code)) {
          crashes++;
          System.out.println(one.what() + " ended with " + code + ": " + one.log());
        } else {
          Files.delete(one.log());
        }
      }
    }
    System.out.printf(
        "%d processes in %.1f minutes, %d of them crashed or failed; what they left is in %s%n",
        made, minutes, crashes, root);
    return crashes;
  }

  private static void require(Running one) throws Exception {
    if (one.process().waitFor() != 0) {
      throw new IOException(Files.readString(one.log()));
    }
  }

  /** Twice as many busy threads as cores. */
  private static void overload() {
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      Thread thread =
          new Thread(
              () -> {
                while (true) {
                  Thread.onSpinWait();
                }
              });
      thread.setDaemon(true);
      thread.setPriority(Thread.MIN_PRIORITY);
      thread.start();
    }
  }

  private static Running start(Path root, String what, String threads, int number)
      throws IOException {
    Path log = root.resolve("%04d-%s-%s.log".formatted(number, what, threads));
    List<String> line =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-XX:ErrorFile=" + log + ".crash",
            "-cp",
            System.getProperty("java.class.path"),
            StressLoop.class.getName(),
            what,
            root.toString(),
            threads,
            Integer.toString(number));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    return new Running(what, builder.redirectOutput(log.toFile()).start(), log);
  }
}
