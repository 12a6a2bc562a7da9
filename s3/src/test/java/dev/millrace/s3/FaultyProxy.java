package dev.millrace.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands before a server: passes requests without a body on, and some answers not as they are. */
final class FaultyProxy implements AutoCloseable {
  /** How many of the next requests are told to come back later. */
  final AtomicInteger busy = new AtomicInteger();

  /** How many of the next answers end in their midst. */
  final AtomicInteger cut = new AtomicInteger();

  /** What stands for ETags in answers; null where they are as they were. */
  volatile String tag;

  /** Requests that came. */
  final AtomicInteger requests = new AtomicInteger();

  private static final int PASSED = 700;

  private final ServerSocket socket;
  private final int behind;

  FaultyProxy(int behind) throws IOException {
    this.behind = behind;
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepts = new Thread(this::accept, "faulty-proxy");
    accepts.setDaemon(true);
    accepts.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket caller = socket.accept();
        Thread thread = new Thread(() -> serve(caller), "faulty-proxy-connection");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static boolean take(AtomicInteger left) {
    return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  private void serve(Socket caller) {
    try (caller) {
      String head = head(caller.getInputStream());
      if (head == null) {
        return;
      }
      requests.incrementAndGet();
      OutputStream answer = caller.getOutputStream();
      if (take(busy)) {
        answer.write(
            "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.ISO_8859_1));
        answer.flush();
        return;
      }
      boolean cuts = !head.startsWith("HEAD") && take(cut);
      try (Socket server = new Socket("127.0.0.1", behind)) {
        String closing =
            head.replaceAll("(?i)Connection:[^\r]*\r\n", "")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n");
        server.getOutputStream().write(closing.getBytes(StandardCharsets.ISO_8859_1));
        server.getOutputStream().flush();
        byte[] all = server.getInputStream().readAllBytes();
        if (tag != null) {
          all = tagged(all);
        }
        answer.write(all, 0, cuts ? Math.min(PASSED, all.length / 2) : all.length);
        answer.flush();
      }
    } catch (IOException e) {
      return; // the caller went
    }
  }

  /** With other ETags, of the same length, in the head and in a list. */
  private byte[] tagged(byte[] answer) {
    Matcher tags =
        Pattern.compile("(?i)(\nETag:)([^\r]*)|(<ETag>)([^<]*)")
            .matcher(new String(answer, StandardCharsets.ISO_8859_1));
    return tags.replaceAll(
            found -> {
              String front = found.group(1) == null ? found.group(3) : found.group(1);
              int length = found.group().length() - front.length();
              return Matcher.quoteReplacement(
                  front + (tag + " ".repeat(length)).substring(0, length));
            })
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
