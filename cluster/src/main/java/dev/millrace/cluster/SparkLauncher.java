package dev.millrace.cluster;

import dev.millrace.file.Trees;
import dev.millrace.launch.Cluster;
import dev.millrace.launch.Command;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.Launched;
import dev.millrace.launch.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/** Commands as jobs of a Spark. */
final class SparkLauncher implements Launcher {
  /** What the processes compute by; an executor's own variables stand before them. */
  private static final List<String> VARIABLES =
      List.of(
          "MILLRACE_DATA",
          "OPENCV_LOG_LEVEL",
          "OPENBLAS_THREAD_TIMEOUT",
          "MALLOC_TRIM_THRESHOLD_",
          "MALLOC_MMAP_THRESHOLD_",
          "CUBLAS_WORKSPACE_CONFIG");

  private final JavaSparkContext spark;
  private final Executors executors;
  private final Path scratch;
  private final JvmLine jvm;
  private final HashMap<String, String> environment = environment();
  private final AtomicInteger started = new AtomicInteger();
  private boolean begun;
  private final String session = Long.toHexString(System.nanoTime());

  SparkLauncher(JavaSparkContext spark, Executors executors, Cluster.Request request, JvmLine jvm) {
    this.spark = spark;
    this.executors = executors;
    this.jvm = jvm;
    scratch = request.scratch().toAbsolutePath();
  }

  /** Of this process's environment what others compute by. */
  static HashMap<String, String> environment() {
    HashMap<String, String> environment = new HashMap<>();
    for (String name : VARIABLES) {
      if (System.getenv(name) != null) {
        environment.put(name, System.getenv(name));
      }
    }
    // Executors stand in folders of their own.
    environment.computeIfPresent(
        RunErrand.DATA, (name, root) -> Path.of(root).toAbsolutePath().normalize().toString());
    return environment;
  }

  @Override
  public Launched start(Command command) throws IOException {
    begin();
    // Another name each time: what a process of an earlier driver still writes is nobody's.
    Path file = scratch.resolve(session + "-" + started.incrementAndGet());
    ArrayList<String> needs = new ArrayList<>();
    command.needs().forEach(need -> needs.add(need.toAbsolutePath().toString()));
    Errand errand =
        new Errand(
            command.name(),
            new ArrayList<>(command.arguments()),
            needs,
            command.log().toAbsolutePath().toString(),
            file + ".out",
            file + ".stop",
            Path.of("").toAbsolutePath().toString(),
            environment,
            jvm);
    spark.setJobGroup(command.name(), command.name(), true);
    try {
      JavaFutureAction<List<Ended>> job =
          spark.parallelize(List.of(errand), 1).map(new RunErrand()).collectAsync();
      return new SparkProcess(spark, errand, command.gives(), job);
    } catch (IllegalStateException e) {
      throw new IOException(
          "the connection to Spark has ended: %s; give the same command again, which goes on"
              .formatted(e.getMessage().lines().findFirst().orElse("")),
          e);
    }
  }

  /** Removes what a driver that was killed left; whoever starts processes holds the folder. */
  private synchronized void begin() throws IOException {
    if (!begun) {
      Trees.delete(scratch);
      Files.createDirectories(scratch);
      begun = true;
    }
  }

  @Override
  public int slots() {
    return executors.slots();
  }

  @Override
  public void close() {
    executors.closing();
    spark.stop();
  }
}
