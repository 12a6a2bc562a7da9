package dev.millrace.cluster;

import dev.millrace.file.Trees;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A standalone Spark: a master and workers, each a JVM, from the jars of the tests' class path. */
final class Standalone implements AutoCloseable {
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final List<String> DOORS =
      List.of(
          "java.lang",
          "java.lang.invoke",
          "java.lang.reflect",
          "java.io",
          "java.net",
          "java.nio",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "sun.nio.ch",
          "sun.nio.cs",
          "sun.security.action",
          "sun.util.calendar");

  /** Where one of its processes runs: its address, and what begins its command line. */
  record Place(String address, List<String> on) {}

  private static final Place HERE = new Place("127.0.0.1", List.of());

  private final Path root;
  private final Place here;
  private final int port;
  private final List<Process> workers = new ArrayList<>();
  private Process master;

  /** As Spark's programs have it: of two ways to log, that of Spark, whose lines go to stderr. */
  static List<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !String.valueOf(Path.of(entry).getFileName()).startsWith("logback-"))
        .toList();
  }

  /** All on this machine. */
  Standalone(int count) throws Exception {
    this(HERE, Collections.nCopies(count, HERE));
  }

  /** Not in a folder of JUnit's, which would warn of each link that it removes. */
  Standalone(Place here, List<Place> places) throws Exception {
    this.here = here;
    root = Files.createTempDirectory("millrace-spark");
    Path jars = Files.createDirectories(root.resolve("jars"));
    for (String entry : classPath()) {
      Path jar = Path.of(entry);
      String name = String.valueOf(jar.getFileName());
      // Executors get no library of ours, and no native one.
      if (name.endsWith(".jar")
          && !name.matches("(millrace-|pytorch|opencv|dnnl|javacpp).*")
          && !Files.exists(jars.resolve(name))) {
        Files.createSymbolicLink(jars.resolve(name), jar.toAbsolutePath());
      }
    }
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(here.address()))) {
      port = free.getLocalPort();
    }
    master = start(here, "master", "org.apache.spark.deploy.master.Master", "--port", "" + port);
    awaitPort();
    for (int i = 0; i < places.size(); i++) {
      workers.add(
          start(
              places.get(i),
              "worker-" + i,
              "org.apache.spark.deploy.worker.Worker",
              "--port",
              "0",
              "--cores",
              "1",
              "--memory",
              "1g",
              "--work-dir",
              root.resolve("work-" + i).toString(),
              url()));
    }
  }

  private Process start(Place at, String name, String main, String... args) throws IOException {
    List<String> line = new ArrayList<>(at.on());
    line.addAll(List.of(JAVA, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    line.addAll(doors());
    line.addAll(List.of("-cp", root.resolve("jars") + "/*", main, "--host", at.address()));
    line.addAll(List.of("--webui-port", "0"));
    line.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(root.resolve(name + ".log").toFile());
    builder.environment().put("SPARK_HOME", root.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", at.address());
    return builder.start();
  }

  private void awaitPort() throws Exception {
    for (int i = 0; i < 600; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(here.address(), port), 200);
        return;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new AssertionError(Files.readString(root.resolve("master.log")));
  }

  static List<String> doors() {
    return DOORS.stream().map(door -> "--add-opens=java.base/" + door + "=ALL-UNNAMED").toList();
  }

  String url() {
    return "spark://" + here.address() + ":" + port;
  }

  /** What all executors wrote to stdout. */
  String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path log : files.filter(file -> file.endsWith("stdout")).toList()) {
        all.append(Files.readString(log));
      }
    }
    return all.toString();
  }

  /** Executors that are alive. */
  List<ProcessHandle> executors() {
    return workers.stream().flatMap(Standalone::executors).toList();
  }

  private static Stream<ProcessHandle> executors(Process worker) {
    return worker.toHandle().children().filter(ProcessHandle::isAlive);
  }

  /** The workers whose executor has a process at work whose command line has a word. */
  List<Integer> working(String word) {
    return IntStream.range(0, workers.size())
        .filter(
            i ->
                executors(workers.get(i))
                    .flatMap(ProcessHandle::children)
                    .anyMatch(c -> has(c, word)))
        .boxed()
        .toList();
  }

  private static boolean has(ProcessHandle process, String word) {
    try {
      return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline")).contains(word);
    } catch (IOException e) {
      return false; // it has ended meanwhile
    }
  }

  /** SIGKILL to one executor that has a process of ours at work. */
  ProcessHandle killWorking() throws Exception {
    for (int i = 0; i < 600; i++) {
      for (ProcessHandle executor : executors()) {
        try (Stream<ProcessHandle> runs = executor.children()) {
          if (runs.anyMatch(ProcessHandle::isAlive)) {
            executor.destroyForcibly();
            executor.onExit().get();
            return executor;
          }
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no executor had a process at work");
  }

  /** SIGKILL to a process of an executor whose command line has a word. */
  ProcessHandle killChild(String word) throws Exception {
    for (int i = 0; i < 600; i++) {
      for (ProcessHandle executor : executors()) {
        try (Stream<ProcessHandle> children = executor.children()) {
          Optional<ProcessHandle> found = children.filter(child -> has(child, word)).findFirst();
          if (found.isPresent()) {
            found.get().destroyForcibly();
            return found.get();
          }
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no executor had a process with " + word);
  }

  @Override
  public void close() throws Exception {
    for (Process worker : workers) {
      worker.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
      worker.destroyForcibly().waitFor();
    }
    if (master != null) {
      master.destroyForcibly().waitFor();
    }
    Trees.delete(root);
  }
}
