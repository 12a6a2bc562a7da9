package dev.millrace.cluster;

import dev.millrace.launch.ChildProcess;
import dev.millrace.launch.Command;
import dev.millrace.launch.JvmLine;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;

/**
 * A task: starts the process, passes its lines on to the executor's log and to the driver, stops it
 * when asked to. When the task is killed the process may write a checkpoint; when the executor dies
 * the process sees the end of its stdin and does the same.
 */
final class RunErrand implements Function<Errand, Ended> {
  private static final long serialVersionUID = 1;
  static final String DATA = "MILLRACE_DATA";
  private static final long LOOK_MILLIS = 200;

  /** What a checkpoint may take after a task was killed. */
  private static final long PATIENCE_MILLIS = 60_000;

  /** Until a file that the driver wrote is seen on another machine. */
  private static final long SEEN_MILLIS = 5_000;

  @Override
  public Ended call(Errand errand) throws IOException, InterruptedException {
    TaskContext task = TaskContext.get();
    String where = where(task);
    String unseen = unseen(errand.needs(), errand.environment(), where);
    if (!unseen.isEmpty()) {
      return new Ended(-1, 0, where, unseen);
    }
    JvmLine jvm = jvm(errand.jvm());
    if (jvm == null) {
      return new Ended(
          -1,
          0,
          where,
          "%s does not see %s; install Millrace there under the same path, or submit the one jar that holds all of it"
              .formatted(where, missing(errand.jvm())));
    }
    Path folder = Path.of(errand.folder());
    ChildProcess process =
        ChildProcess.start(
            jvm,
            new Command(errand.name(), errand.arguments(), List.of(), null, Path.of(errand.log())),
            errand.environment(),
            Files.isDirectory(folder) ? folder : null);
    System.out.println(where + ": started " + errand.name());
    Thread reader = new Thread(() -> read(process, errand, where), "lines of " + errand.name());
    reader.start();
    try {
      mind(process, task, Path.of(errand.stop()));
      reader.join();
    } finally {
      process.kill();
    }
    int code = process.code();
    System.out.println(where + ": " + errand.name() + " ended with exit code " + code);
    return new Ended(code, process.logFrom(), where, "");
  }

  /** Stage, attempts, executor and host. */
  static String where(TaskContext task) {
    return "stage %d (attempt %d), task attempt %d on executor %s of %s"
        .formatted(
            task.stageId(),
            task.stageAttemptNumber(),
            task.attemptNumber(),
            SparkEnv.get().executorId(),
            SparkEnv.get().blockManager().blockManagerId().host());
  }

  /** What of all that must be seen here is not, with the mend; empty if everything is. */
  static String unseen(List<String> needs, Map<String, String> environment, String where)
      throws InterruptedException {
    for (String need : needs) {
      Path file = Path.of(need);
      Path here = here(file, environment.get(DATA), System.getenv(DATA));
      // A path under the root that was typed as it is is no known set.
      if (!Files.exists(file) && !seen(here)) {
        return "%s does not see %s; every machine must see the folder of the work, Millrace and the data under the same paths as here: give an --out on a file system that they share, and share or copy data that lies elsewhere"
            .formatted(where, here);
      }
    }
    return "";
  }

  /**
   * Where a file of the driver's is looked for here: known sets lie under a root of each machine's.
   *
   * @param root of the driver's known sets, absolute; null for none
   * @param own of this machine; null for the same
   */
  static Path here(Path file, String root, String own) {
    return root != null && own != null && file.startsWith(root)
        ? Path.of(own).resolve(Path.of(root).relativize(file))
        : file;
  }

  private static boolean seen(Path file) throws InterruptedException {
    for (long left = SEEN_MILLIS; !Files.exists(file); left -= LOOK_MILLIS) {
      if (left <= 0) {
        return false;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return true;
  }

  static String missing(JvmLine jvm) {
    return jvm.classPath().stream()
        .filter(entry -> !Files.exists(Path.of(entry)))
        .findFirst()
        .orElse("");
  }

  /**
   * The driver's class path where it is seen here as well; else the one jar that came with the task
   * and holds all of Millrace; null where it does not.
   */
  static JvmLine jvm(JvmLine driver) {
    if (missing(driver).isEmpty()) {
      return driver;
    }
    String jar = JvmLine.place(driver.main());
    return jar == null
        ? null
        : new JvmLine(driver.options(), new ArrayList<>(List.of(jar)), driver.main());
  }

  private static void mind(ChildProcess process, TaskContext task, Path stop)
      throws InterruptedException {
    boolean asked = false;
    try {
      while (!process.ended(LOOK_MILLIS)) {
        if (task.isInterrupted()) {
          throw new InterruptedException("the task was killed");
        }
        if (!asked && Files.exists(stop)) {
          asked = true;
          process.stop();
        }
      }
    } catch (InterruptedException killed) {
      process.stop();
      process.ended(PATIENCE_MILLIS);
      throw killed;
    }
  }

  private static void read(ChildProcess process, Errand errand, String where) {
    try (OutputStream out = new FileOutputStream(errand.out(), true)) {
      process.await(
          line -> {
            System.out.println(where + ": " + errand.name() + ": " + line);
            try {
              out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (IOException | UncheckedIOException e) {
      // The process goes on: what its lines say is for people.
      System.out.println(where + ": lines of " + errand.name() + " are lost: " + e);
    }
  }
}
