package dev.millrace.app.shared;

import dev.millrace.launch.Cluster;
import dev.millrace.launch.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Whether the machines of a Spark do the work. */
public final class SparkFlag {
  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      description =
          "let the executors of an Apache Spark work: spark://HOST:7077, local-cluster[EXECUTORS,CORES,MB], or as spark-submit has it; needs SPARK_HOME, and a folder, data and Millrace that every machine sees under the same paths (docs/scale.md)")
  private String master;

  /** The given master, or null. */
  public String master() {
    return master;
  }

  /**
   * Connects to the given master.
   *
   * @param name what the cluster shows
   * @param threads of each process
   * @param scratch a folder for short-lived files, within one that all machines see
   * @param say given a line for what a person should know; by any thread
   * @param stop asked often while machines are waited for; true ends that
   * @throws IllegalArgumentException if Spark's jars are not there, or a setting cannot be taken
   * @throws IOException if there is no such master, or it has no room
   * @throws java.util.concurrent.CancellationException if it was stopped
   */
  public Launcher connect(
      String name, int threads, Path scratch, Consumer<String> say, BooleanSupplier stop)
      throws IOException {
    return Cluster.spark(
        "--spark", new Cluster.Request(master, "millrace " + name, threads, scratch, say, stop));
  }
}
