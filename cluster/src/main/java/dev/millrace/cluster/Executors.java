package dev.millrace.cluster;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** The executors that a program has by now; reports those that are lost. Thread-safe. */
final class Executors extends SparkListener {
  private static final long LOOK_MILLIS = 100;

  /** Until the first one is there. */
  private static final long PATIENCE_SECONDS = 60;

  /** How long none has come before the others are taken to be there as well. */
  private static final long QUIET_MILLIS = 2000;

  private final JavaSparkContext spark;
  private final int cpus;
  private final Consumer<String> say;
  private final Map<String, Integer> cores = new HashMap<>();
  private final Map<String, String> hosts = new HashMap<>();
  private String loss = "";
  private boolean closing;

  /**
   * @param cpus of each task
   * @param say given a line for each loss
   */
  Executors(JavaSparkContext spark, int cpus, Consumer<String> say) {
    this.spark = spark;
    this.cpus = cpus;
    this.say = say;
  }

  @Override
  public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
    cores.put(added.executorId(), added.executorInfo().totalCores());
    hosts.put(added.executorId(), added.executorInfo().executorHost());
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    cores.remove(removed.executorId());
    loss = removed.reason().lines().findFirst().orElse("");
    if (!closing) {
      say.accept(
          "executor %s of %s is lost, its work goes elsewhere: %s"
              .formatted(
                  removed.executorId(),
                  hosts.getOrDefault(removed.executorId(), "an unknown host"),
                  loss));
    }
  }

  /** Losses are none from here on. */
  synchronized void closing() {
    closing = true;
  }

  /** How many there are; the driver computes itself where the master is {@code local}. */
  private int count() {
    return spark.sc().statusTracker().getExecutorInfos().length - (spark.isLocal() ? 0 : 1);
  }

  /** Tasks that fit side by side now. */
  synchronized int slots() {
    if (cores.size() < count()) { // some came before anyone listened
      return spark.defaultParallelism() / cpus;
    }
    return cores.values().stream().mapToInt(each -> each / cpus).sum();
  }

  /** The master gives up a program whose executors end as soon as they begin. */
  private synchronized void requireSome(String master) throws IOException {
    if (spark.sc().isStopped()) {
      throw new IOException(
          "the executors of %s ended as soon as they began: %s; their logs and the workers' say why"
              .formatted(master, loss.isEmpty() ? "the connection was closed" : loss));
    }
  }

  /**
   * Waits until executors are there.
   *
   * @throws IOException if there is none, or none that has room for a task
   */
  void await(String master) throws IOException {
    long now = System.nanoTime();
    long until = now + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    long changed = now;
    int last = 0;
    while (last == 0 || now - changed < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS)) {
      requireSome(master);
      if (now > until && last == 0) {
        throw new IOException(
            "%s gave no executor within %d s; its page shows workers, free cores and free memory: start workers, stop other programs, or ask for less by MILLRACE_JAVA_OPTIONS=-Dspark.executor.memory=512m"
                .formatted(master, PATIENCE_SECONDS));
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for executors of " + master, e);
      }
      now = System.nanoTime();
      int count = count();
      changed = count == last ? changed : now;
      last = count;
    }
    requireSome(master);
    if (slots() == 0) {
      throw new IOException(
          "no executor of %s has the %d cores that one process takes; lower --threads, or start workers with more cores"
              .formatted(master, cpus));
    }
  }
}
