package dev.millrace.app;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** A real broker of Kafka in a process of its own, which can be killed and started again. */
final class KafkaBroker implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final Path folder;
  private final int port;
  private Process process;

  /** A broker whose log lies in that folder, with nothing in it. */
  KafkaBroker(Path folder) throws Exception {
    this.folder = Files.createDirectories(folder);
    port = freePort();
    String controller = "127.0.0.1:" + freePort();
    Files.writeString(
        folder.resolve("logback.xml"),
        "<configuration><appender name='out' class='ch.qos.logback.core.ConsoleAppender'><encoder><pattern>%msg%n%ex{short}</pattern></encoder></appender><root level='error'><appender-ref ref='out'/></root></configuration>");
    Path settings = folder.resolve("server.properties");
    Files.write(
        settings,
        List.of(
            "process.roles=broker,controller",
            "node.id=1",
            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://" + controller,
            "controller.quorum.bootstrap.servers=" + controller,
            "controller.listener.names=CONTROLLER",
            "log.dirs=" + folder.resolve("log"),
            "offsets.topic.replication.factor=1"));
    Process format =
        java(
            "kafka.tools.StorageTool",
            List.of(
                "format",
                "--standalone",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                settings.toString()));
    if (format.waitFor() != 0) {
      throw new AssertionError(Files.readString(folder.resolve("kafka.tools.StorageTool.txt")));
    }
    start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Process java(String main, List<String> arguments) throws IOException {
    List<String> line =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
                "-cp",
                libraries(),
                main));
    line.addAll(arguments);
    return new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(main + ".txt").toFile())
        .start();
  }

  /** Without our own classes, whose logging.xml would be the broker's. */
  private static String libraries() {
    String all = System.getProperty("java.class.path");
    return String.join(
        File.pathSeparator,
        java.util.Arrays.stream(all.split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar") && !entry.contains("millrace-"))
            .toList());
  }

  /** Returns when it answers. */
  void start() throws Exception {
    process = java("kafka.Kafka", List.of(folder.resolve("server.properties").toString()));
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (Admin admin = admin()) {
      while (true) {
        try {
          admin.describeCluster().nodes().get(2, TimeUnit.SECONDS);
          return;
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
          if (!process.isAlive() || System.nanoTime() > until) {
            throw new AssertionError(Files.readString(folder.resolve("kafka.Kafka.txt")), e);
          }
          TimeUnit.MILLISECONDS.sleep(200);
        }
      }
    }
  }

  /** SIGKILL. */
  void kill() throws Exception {
    process.destroyForcibly().waitFor();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  private Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address()));
  }

  void topic(String name, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }
  }

  /** Lets go what is before an offset, as retention does. */
  void expire(String topic, int partition, long before) throws Exception {
    try (Admin admin = admin()) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before)))
          .all()
          .get();
    }
  }

  @Override
  public void close() throws Exception {
    kill();
  }
}
