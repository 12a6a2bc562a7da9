package dev.millrace.cluster;

import dev.millrace.launch.ChildProcess;
import dev.millrace.launch.Launched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/** A command on its way through Spark: a job of one task. */
final class SparkProcess implements Launched {
  /** That of a process that was lost with its machine. */
  private static final int LOST = -1;

  private static final long LOOK_MILLIS = 200;
  private static final long SIGHT_MILLIS = 60_000;

  private final JavaSparkContext spark;
  private final Errand errand;
  private final Path gives;
  private final JavaFutureAction<List<Ended>> job;
  private final LogLines out;
  private Ended ended;
  private String lost = "";

  SparkProcess(
      JavaSparkContext spark, Errand errand, Path gives, JavaFutureAction<List<Ended>> job) {
    this.spark = spark;
    this.errand = errand;
    this.gives = gives;
    this.job = job;
    out = new LogLines(Path.of(errand.out()));
  }

  @Override
  public int await(Consumer<String> lines) throws IOException {
    try {
      while (ended == null) {
        try {
          ended = job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS).get(0);
        } catch (TimeoutException e) {
          out.pass(lines);
        }
      }
      out.pass(lines);
      awaitSight();
    } catch (ExecutionException e) {
      return lost(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + errand.name(), e);
    } finally {
      Files.deleteIfExists(Path.of(errand.out()));
      Files.deleteIfExists(Path.of(errand.stop()));
    }
    if (!ended.refusal().isEmpty()) {
      throw new IOException(ended.refusal());
    }
    return ended.code();
  }

  /** A file system that machines share may remember for a while that a file was not there. */
  private void awaitSight() throws InterruptedException {
    for (long left = SIGHT_MILLIS;
        ended.code() == 0 && !Files.exists(gives) && left > 0;
        left -= LOOK_MILLIS) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private int lost(Throwable cause) throws IOException {
    String words = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    if (spark.sc().isStopped()) {
      throw new IOException(
          "the connection to Spark ended while %s was at work: %s; give the same command again, which goes on"
              .formatted(errand.name(), words));
    }
    lost = words;
    return LOST;
  }

  @Override
  public void stop() {
    try {
      Path file = Path.of(errand.stop());
      if (!job.isDone() && !Files.exists(file)) {
        Files.createFile(file);
      }
    } catch (IOException e) {
      // Another call was faster, or the folder cannot be written to: the driver's end stops it
      // then.
      return;
    }
  }

  @Override
  public String failure(int code) throws IOException {
    return ended == null
        ? "lost with its executor, each time: " + lost
        : ended.where() + ", " + ChildProcess.failure(code, Path.of(errand.log()), ended.logFrom());
  }
}
