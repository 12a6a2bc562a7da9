package dev.millrace.bench;

import dev.millrace.file.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Runs native loops of {@link StressLoop} in processes of their own, two at a time beside threads
 * that keep all cores busy, and reports which crashed. Every other process is sent SIGTERM in its
 * midst.
 */
final class Stress {
  private static final List<String> KNOWN =
      List.of("loops", "threads", "minutes", "seed", "busy", "folder");
  private static final int SIDE_BY_SIDE = 2;

  /** What a process may end with: done, or stopped by us. */
  private static final List<Integer> SOUND = List.of(0, 130, 143);

  /**
   * What to run.
   *
   * @param loops names of loops, run in this order again and again
   * @param threads native threads of a process: the first number in the first round of all loops,
   *     then the next
   * @param minutes no process is started after this many
   * @param seed of the first process; each has the next
   * @param stopSeconds after which every other process is sent SIGTERM
   * @param busy threads beside them that do nothing but keep cores busy
   */
  record Plan(
      List<String> loops,
      List<Integer> threads,
      double minutes,
      long seed,
      int stopSeconds,
      int busy) {
    static Plan of(Arguments arguments) {
      return new Plan(
          List.of(arguments.text("loops", String.join(",", StressLoop.ALL)).split(",")),
          Stream.of(arguments.text("threads", "2,4").split(",")).map(Integer::valueOf).toList(),
          Double.parseDouble(arguments.text("minutes", "30")),
          Long.parseLong(arguments.text("seed", "0")),
          6,
          arguments.number("busy", 2 * Runtime.getRuntime().availableProcessors()));
    }
  }

  /**
   * What became of them.
   *
   * @param processes started, per loop
   * @param stopped of them, by SIGTERM before their end
   * @param crashed a line per process that ended with a crash or an error
   */
  record Result(Map<String, Integer> processes, int stopped, List<String> crashed) {
    int started() {
      return processes.values().stream().mapToInt(n -> n).sum();
    }
  }

  /** One process and what it does. */
  private record Running(String what, Process process, Path log, Path own) {}

  private final Path root;
  private final Plan plan;
  private final Map<String, Integer> processes = new TreeMap<>();
  private final List<String> crashed = new ArrayList<>();
  private int stopped;

  private Stress(Path root, Plan plan) {
    this.root = root;
    this.plan = plan;
  }

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, KNOWN);
    Plan plan = Plan.of(arguments);
    Path root =
        arguments.has("folder")
            ? Path.of(arguments.text("folder", ""))
            : Files.createTempDirectory("millrace-stress");
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly)));
    long began = System.nanoTime();
    Result result = run(root, plan);
    result.crashed().forEach(System.out::println);
    System.out.printf(
        "%d processes in %.1f minutes, seeds %d to %d, threads %s: %s; %d stopped by SIGTERM, %d crashed or failed; what they left is in %s%n",
        result.started(),
        (System.nanoTime() - began) / 60e9,
        plan.seed(),
        plan.seed() + result.started() - 1,
        plan.threads(),
        result.processes(),
        result.stopped(),
        result.crashed().size(),
        root);
    System.exit(result.crashed().isEmpty() ? 0 : 1);
  }

  /** Runs a plan; logs of what crashed stay in the folder, everything else of them goes. */
  static Result run(Path root, Plan plan) throws IOException, InterruptedException {
    Files.createDirectories(root);
    AtomicBoolean busy = new AtomicBoolean(true);
    Stress stress = new Stress(root, plan);
    try {
      if (!Files.exists(root.resolve("run"))) {
        stress.prepare();
      }
      stress.overload(busy);
      stress.run();
    } finally {
      busy.set(false);
    }
    return new Result(stress.processes, stress.stopped, stress.crashed);
  }

  private void prepare() throws IOException, InterruptedException {
    Running one = start("prepare", 2, 0);
    if (one.process().waitFor() != 0) {
      throw new IOException(Files.readString(one.log()));
    }
    Files.delete(one.log());
  }

  private void run() throws IOException, InterruptedException {
    long until = System.nanoTime() + (long) (plan.minutes() * 60e9);
    int made = 0;
    while (System.nanoTime() < until) {
      List<Running> all = new ArrayList<>();
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        int n = made + i;
        String what = plan.loops().get(n % plan.loops().size());
        int round = n / plan.loops().size();
        all.add(start(what, plan.threads().get(round % plan.threads().size()), plan.seed() + n));
      }
      // The first of a pair in one round of all loops is the second's turn in the next.
      boolean second = made / plan.loops().size() % 2 == 0;
      end(all.get(second ? 1 : 0), true);
      end(all.get(second ? 0 : 1), false);
      made += SIDE_BY_SIDE;
    }
  }

  private void end(Running one, boolean stop) throws IOException, InterruptedException {
    processes.merge(one.what(), 1, Integer::sum);
    if (stop && !one.process().waitFor(plan.stopSeconds(), TimeUnit.SECONDS)) {
      one.process().destroy();
      stopped++;
    }
    int code = one.process().waitFor();
    if (SOUND.contains(code)) {
      Files.delete(one.log());
    } else {
      crashed.add(one.what() + " ended with " + code + ": " + one.log());
    }
    if (Files.exists(one.own())) {
      Trees.delete(one.own());
    }
  }

  private void overload(AtomicBoolean busy) {
    for (int i = 0; i < plan.busy(); i++) {
      Thread thread =
          new Thread(
              () -> {
                while (busy.get()) {
                  Thread.onSpinWait();
                }
              });
      thread.setDaemon(true);
      thread.setPriority(Thread.MIN_PRIORITY);
      thread.start();
    }
  }

  private Running start(String what, int threads, long seed) throws IOException {
    Path log = root.resolve("%04d-%s-%d.log".formatted(seed, what, threads));
    Path own = root.resolve("own-" + seed);
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
            own.toString(),
            Integer.toString(threads),
            Long.toString(seed));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    return new Running(what, builder.redirectOutput(log.toFile()).start(), log, own);
  }
}
