package dev.millrace.cluster;

import dev.millrace.launch.Cluster;
import dev.millrace.launch.Gang;
import dev.millrace.launch.JvmLine;
import dev.millrace.launch.Launcher;
import dev.millrace.refusal.UsageException;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Apache Spark, found by {@link java.util.ServiceLoader}. */
public final class SparkCluster implements Cluster {
  private static final String EXECUTOR_PATH = "spark.executor.extraClassPath";

  /** How often an executor may be lost with one process before that counts as a failure. */
  private static final String LOSSES = "8";

  private final JvmLine jvm;

  /** For the loader of services. */
  public SparkCluster() {
    this(JvmLine.ofThis());
  }

  /**
   * @param jvm how processes of Millrace are started
   */
  SparkCluster(JvmLine jvm) {
    this.jvm = jvm;
  }

  @Override
  public Launcher connect(Request request) throws IOException {
    SparkConf conf = conf("--spark", request);
    // An executor that is cut off ends its work when the driver has it begun elsewhere: 120 s.
    conf.setIfMissing("spark.executor.heartbeat.maxFailures", "12");
    return connected(
        request, conf, (spark, executors) -> new SparkLauncher(spark, executors, request, jvm));
  }

  @Override
  public Gang gang(Request request, int ranks, boolean trusted) throws IOException {
    SparkConf conf = conf("--master", request);
    GangSettings.check(request.master(), conf, trusted);
    GangSettings.complete(conf);
    return connected(
        request,
        conf,
        (spark, executors) -> {
          GangSettings.requireRoom(request, ranks, executors);
          return new SparkGang(spark, executors, request, ranks, jvm);
        });
  }

  /** What is made of a connection. */
  @FunctionalInterface
  private interface Made<T> {
    T of(JavaSparkContext spark, Executors executors) throws IOException;
  }

  private static <T> T connected(Request request, SparkConf conf, Made<T> made) throws IOException {
    JavaSparkContext spark;
    try {
      spark = new JavaSparkContext(conf);
    } catch (RuntimeException e) {
      Executors.requireGoing(request);
      // Scala throws what Java would have to declare, so this catches an IOException of it as well.
      throw refused(request.master(), e);
    }
    Executors executors = new Executors(spark, request);
    spark.sc().addSparkListener(executors);
    try {
      executors.await();
      return made.of(spark, executors);
    } catch (IOException | RuntimeException e) {
      spark.stop();
      throw e;
    }
  }

  private static IOException refused(String master, Exception e) {
    return new IOException(
        "no connection to Spark at %s: %s; masters are written spark://HOST:7077, yarn, k8s://URL or local-cluster[EXECUTORS,CORES,MB]"
            .formatted(master, first(e)),
        e);
  }

  private static String first(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Given settings stand before those of SPARK_HOME's file, and those before ours. */
  private static SparkConf conf(String flag, Request request) throws IOException {
    SparkConf conf = new SparkConf();
    defaults(conf);
    conf.setMaster(request.master());
    conf.setAppName(request.name());
    conf.setIfMissing("spark.log.level", "WARN");
    conf.setIfMissing("spark.task.maxFailures", LOSSES);
    // At the end nobody need wait two minutes for an answer from a machine that is gone.
    conf.setIfMissing("spark.cleaner.referenceTracking.blocking", "false");
    conf.set("spark.task.cpus", Integer.toString(request.threads()));
    if (conf.getBoolean("spark.speculation", false)) {
      throw UsageException.of(
          flag,
          "%s: spark.speculation is on, by which a slow run would be started twice, and the second wait for the first; set it to false"
              .formatted(request.master()));
    }
    Set<String> path = new LinkedHashSet<>();
    for (Class<?> ours : new Class<?>[] {SparkCluster.class, Cluster.class}) {
      path.add(JvmLine.place(ours.getName()));
    }
    if (!conf.get(EXECUTOR_PATH, "").isEmpty()) {
      path.add(conf.get(EXECUTOR_PATH));
    }
    conf.set(EXECUTOR_PATH, String.join(File.pathSeparator, path));
    return conf;
  }

  /** What spark-submit would read; with it, these are system properties already. */
  private static void defaults(SparkConf conf) throws IOException {
    String home = System.getenv("SPARK_HOME");
    String folder =
        System.getenv().getOrDefault("SPARK_CONF_DIR", home == null ? null : home + "/conf");
    if (folder == null) {
      return;
    }
    Path file = Path.of(folder, "spark-defaults.conf");
    if (!Files.exists(file)) {
      return;
    }
    Properties all = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      all.load(in);
    }
    for (String name : all.stringPropertyNames()) {
      if (name.startsWith("spark.")) {
        conf.setIfMissing(name, all.getProperty(name).strip());
      }
    }
  }
}
