package dev.millrace.launch;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What gives work to the machines of a cluster; found by {@link ServiceLoader}, since its libraries
 * are the cluster's and not always here.
 */
public interface Cluster {
  /** The class that is there if the cluster's libraries are. */
  String SPARK = "org.apache.spark.api.java.JavaSparkContext";

  /**
   * What is asked of a cluster.
   *
   * @param master its address, as Spark writes it
   * @param name what the cluster shows of this program
   * @param threads of each process
   * @param scratch a folder for short-lived files, which every machine sees under this path
   * @param say told in a line what a person should know, as that a machine was lost; by any thread
   * @param stop asked often while machines are waited for; true ends that
   */
  record Request(
      String master,
      String name,
      int threads,
      Path scratch,
      Consumer<String> say,
      BooleanSupplier stop) {}

  /**
   * Connects.
   *
   * @throws IllegalArgumentException if the master's address or a setting of the cluster cannot be
   *     taken
   * @throws IOException if there is no answer, or no machine
   * @throws java.util.concurrent.CancellationException if it was stopped
   */
  Launcher connect(Request request) throws IOException;

  /**
   * Connects to a Spark.
   *
   * @param flag that asked for it
   * @throws IllegalArgumentException if Spark's libraries are not on the class path, or as {@link
   *     #connect}
   * @throws IOException as {@link #connect}
   */
  static Launcher spark(String flag, Request request) throws IOException {
    return spark(flag, cluster -> cluster.connect(request));
  }

  /**
   * Connects for the ranks of one run, which begin together.
   *
   * @param ranks how many
   * @param trusted whether sums may go unprotected over a network where Spark's own talk may not
   * @throws IllegalArgumentException as {@link #connect}; if a setting of the cluster would start
   *     ranks one by one or twice; if there is no room for all
   * @throws IOException as {@link #connect}
   */
  Gang gang(Request request, int ranks, boolean trusted) throws IOException;

  /**
   * Connects to a Spark, as {@link #gang}.
   *
   * @param flag that asked for it
   * @throws IllegalArgumentException if Spark's libraries are not on the class path, or as {@link
   *     #gang}
   * @throws IOException as {@link #connect}
   */
  static Gang sparks(String flag, Request request, int ranks, boolean trusted) throws IOException {
    return spark(flag, cluster -> cluster.gang(request, ranks, trusted));
  }

  /** What a cluster is asked for. */
  @FunctionalInterface
  interface Wish<T> {
    T of(Cluster cluster) throws IOException;
  }

  private static <T> T spark(String flag, Wish<T> wish) throws IOException {
    try {
      Class.forName(SPARK, false, Cluster.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw UsageException.of(
          flag,
          "needs Apache Spark 4.1 (Scala 2.13), and its jars are not on the class path; unpack spark-4.1.3-bin-hadoop3.tgz of https://spark.apache.org/downloads.html and set SPARK_HOME to its folder (or MILLRACE_SPARK_JARS to a folder with spark-core_2.13-4.1.3.jar and all that it needs), then start ./millrace again");
    }
    Cluster cluster =
        ServiceLoader.load(Cluster.class)
            .findFirst()
            .orElseThrow(
                () ->
                    UsageException.of(
                        flag,
                        "needs millrace-cluster-VERSION.jar on the class path; it is in lib/ of a release, and ./millrace takes it from there"));
    try {
      return wish.of(cluster);
    } catch (LinkageError e) {
      throw UsageException.of(
          flag,
          "needs Apache Spark 4.1 (Scala 2.13), and the jars on the class path are of another version: %s; set SPARK_HOME to such a Spark"
              .formatted(e));
    }
  }
}
