package dev.millrace.cluster;

import dev.millrace.launch.Cluster;
import dev.millrace.launch.RankWords;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;

/** Settings of Spark for tasks that begin together and end together. */
final class GangSettings {
  /** By any of these Spark's own talk is protected, and Gloo's is not. */
  private static final List<String> PROTECTED =
      List.of("spark.authenticate", "spark.network.crypto.enabled", "spark.ssl.enabled");

  /** Executors of one program begin one after the other. */
  private static final long ROOM_MILLIS = 20_000;

  /** Seconds from one heartbeat of an executor to the next. */
  private static final long INTERVAL = 5;

  private GangSettings() {}

  /**
   * Refuses what does not go with ranks.
   *
   * @throws UsageException naming the setting and the mend
   */
  static void check(String master, SparkConf conf, boolean trusted) {
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw UsageException.of(
          "--master",
          "%s: spark.dynamicAllocation.enabled is on, by which executors come and go, and ranks need all of theirs from first to last; set it to false, and spark.executor.instances on YARN and Kubernetes"
              .formatted(master));
    }
    for (String setting : PROTECTED) {
      if (!trusted && conf.getBoolean(setting, false)) {
        throw UsageException.of(
            "--master",
            "%s: %s is on, and what ranks send each other is neither encrypted nor authenticated; give --trust-network if only trusted programs reach the network between the machines"
                .formatted(master, setting));
      }
    }
  }

  /** What is ours to say where nobody else has. */
  static void complete(SparkConf conf) {
    conf.setIfMissing("spark.locality.wait", "0s");
    // A host that is cut off is found as soon as a rank that hangs.
    conf.setIfMissing("spark.executor.heartbeatInterval", INTERVAL + "s");
    // It notices by itself as soon, and ends its rank, which may hold the run's lock.
    conf.setIfMissing("spark.executor.heartbeat.maxFailures", "" + RankWords.SILENCE / INTERVAL);
    conf.setIfMissing(
        "spark.storage.blockManagerHeartbeatTimeoutMs",
        Long.toString(TimeUnit.SECONDS.toMillis(RankWords.SILENCE)));
    conf.setIfMissing("spark.network.timeoutInterval", "5s");
    // Room is looked at before; a stage that does not find it later fails within half a minute.
    conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s");
    conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "15");
  }

  /**
   * Refuses more ranks than there is room for side by side.
   *
   * @throws UsageException naming both numbers and the mend
   */
  static void requireRoom(Cluster.Request request, int ranks, Executors executors)
      throws IOException {
    int slots = executors.await(ranks, ROOM_MILLIS);
    if (slots < ranks) {
      throw UsageException.of(
          "--ranks",
          "%d: the executors of %s have room for %d side by side, each with cores for its threads: %d; start more workers, or lower --ranks or --threads"
              .formatted(ranks, request.master(), slots, request.threads()));
    }
  }
}
