package dev.millrace.cluster;

import dev.millrace.launch.Cluster;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The executors that a program has by now, as Spark's own pages show them; reports those that are
 * lost. Thread-safe.
 */
final class Executors extends SparkListener {
  private static final long LOOK_MILLIS = 100;

  /** Until the first one is there. */
  private static final long PATIENCE_SECONDS = 60;

  /** How long none has come before the others are taken to be there as well. */
  private static final long QUIET_MILLIS = 2000;

  private final JavaSparkContext spark;
  private final Cluster.Request request;
  private String loss = "";
  private boolean closing;

  /**
   * @param request whose threads are the cores of each task; told of each loss
   */
  Executors(JavaSparkContext spark, Cluster.Request request) {
    this.spark = spark;
    this.request = request;
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    loss = removed.reason().lines().findFirst().orElse("");
    if (!closing) {
      request
          .say()
          .accept(
              "executor %s of %s is lost, its work goes elsewhere: %s"
                  .formatted(removed.executorId(), host(removed.executorId()), loss));
    }
  }

  private String host(String executor) {
    return all(false).stream()
        .filter(one -> one.id().equals(executor))
        .map(one -> one.hostPort().replaceFirst(":\\d+$", ""))
        .findFirst()
        .orElse("an unknown host");
  }

  /** Losses are none from here on. */
  synchronized void closing() {
    closing = true;
  }

  /**
   * From Spark's record of the program, which begins before its executors do. The driver is in it,
   * without cores, or with those that it computes by itself where the master is {@code local}.
   */
  private List<ExecutorSummary> all(boolean active) {
    return CollectionConverters.asJava(spark.sc().statusStore().executorList(active));
  }

  private int count() {
    return (int) all(true).stream().filter(one -> one.totalCores() > 0).count();
  }

  /** Tasks that fit side by side now. */
  int slots() {
    return all(true).stream().mapToInt(one -> one.totalCores() / request.threads()).sum();
  }

  /**
   * Waits until there are so many slots, or some time is over.
   *
   * @return how many there are
   * @throws CancellationException if it was stopped
   * @throws IOException if the connection is closed
   */
  int await(int wanted, long millis) throws IOException {
    int slots = slots();
    for (long left = millis; slots < wanted && left > 0; left -= LOOK_MILLIS) {
      look();
      slots = slots();
    }
    return slots;
  }

  /**
   * Between two looks.
   *
   * @throws IOException if the connection is closed: the master gives up a program whose executors
   *     end as soon as they begin
   */
  private void look() throws IOException {
    requireGoing(request);
    if (spark.sc().isStopped()) {
      throw new IOException(
          "the executors of %s ended as soon as they began: %s; their logs and the workers' say why"
              .formatted(request.master(), lossWords()));
    }
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for executors of " + request.master(), e);
    }
  }

  private synchronized String lossWords() {
    return loss.isEmpty() ? "the connection was closed" : loss;
  }

  /**
   * Ends a wait that is to end.
   *
   * @throws CancellationException if it was stopped
   */
  static void requireGoing(Cluster.Request request) {
    if (request.stop().getAsBoolean()) {
      throw new CancellationException(
          "stopped while waiting for machines of " + request.master() + "; nothing has changed");
    }
  }

  /**
   * Waits until executors are there.
   *
   * @throws CancellationException if it was stopped
   * @throws IOException if there is none, or none that has room for a task
   */
  void await() throws IOException {
    long now = System.nanoTime();
    long until = now + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    long changed = now;
    int last = 0;
    while (last == 0 || now - changed < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS)) {
      if (now > until && last == 0) {
        throw new IOException(
            "%s gave no executor within %d s; its page shows workers, free cores and free memory: start workers, stop other programs, or ask for less by MILLRACE_JAVA_OPTIONS=-Dspark.executor.memory=512m"
                .formatted(request.master(), PATIENCE_SECONDS));
      }
      look();
      now = System.nanoTime();
      int count = count();
      changed = count == last ? changed : now;
      last = count;
    }
    if (slots() == 0) {
      throw new IOException(
          "no executor of %s has the %d cores that one process takes; lower --threads, or start workers with more cores"
              .formatted(request.master(), request.threads()));
    }
  }
}
