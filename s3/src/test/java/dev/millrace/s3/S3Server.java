package dev.millrace.s3;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** S3Mock in a JVM of its own; close it to end that. */
final class S3Server implements AutoCloseable {
  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a server that holds nothing.
   *
   * @param folder for its files and its log
   */
  static S3Server start(Path folder) throws IOException, InterruptedException {
    String jar =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> path.matches(".*s3mock-[^/\\\\]*-exec\\.jar"))
            .findFirst()
            .orElseThrow();
    int http = free();
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.io.tmpdir=" + folder,
                    "-jar",
                    jar,
                    "--com.adobe.testing.s3mock.httpPort=" + http,
                    "--server.port=0"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3mock.log").toFile())
            .start();
    S3Server server = new S3Server(process, http);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (true) {
      try (Socket answered = new Socket("127.0.0.1", http)) {
        return server;
      } catch (ConnectException e) {
        if (!process.isAlive() || System.nanoTime() > until) {
          server.close();
          throw new IOException("S3Mock does not start; see " + folder.resolve("s3mock.log"), e);
        }
        Thread.sleep(100);
      }
    }
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
