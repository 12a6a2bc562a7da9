package dev.millrace.bench;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long a server takes to turn pictures into vectors, and how many a second, asked by some
 * senders that each wait for an answer before they ask again. Says how many requests failed and
 * which versions answered, so a promotion meanwhile is seen as well.
 *
 * <pre>
 * ./millrace serve runs/cam
 * bench/run dev.millrace.bench.EmbedRate --url http://127.0.0.1:8080
 * bench/run dev.millrace.bench.EmbedRate --url http://127.0.0.1:8080 --together 64
 * </pre>
 */
public final class EmbedRate {
  private static final int WIDTH = 112;
  private static final int HEIGHT = 84;
  private static final int DISTINCT = 64;
  private static final List<String> FLAGS =
      List.of("url", "requests", "together", "senders", "warm");

  private final HttpRequest[] requests = new HttpRequest[DISTINCT];
  private final TreeSet<Integer> versions = new TreeSet<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  private EmbedRate(URI embed, int together) throws IOException {
    byte[][] pictures = new byte[DISTINCT][];
    for (int i = 0; i < DISTINCT; i++) {
      pictures[i] = JpegFolder.bytes(i, WIDTH, HEIGHT);
    }
    for (int i = 0; i < DISTINCT; i++) {
      requests[i] = request(embed, pictures, i, together);
    }
  }

  private static HttpRequest request(URI embed, byte[][] pictures, int from, int together)
      throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(embed);
    if (together == 1) {
      return request.POST(HttpRequest.BodyPublishers.ofByteArray(pictures[from])).build();
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < together; i++) {
      all.add(Base64.getEncoder().encodeToString(pictures[(from + i) % pictures.length]));
    }
    byte[] body = JSON.writeValueAsBytes(Map.of("pictures", all));
    return request
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  /**
   * {@code --url ADDRESS} of the server, {@code --requests N} (2000), {@code --together N} pictures
   * a request (1; 64 at most), {@code --senders N} (1), {@code --warm N} requests before (200).
   */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(args, FLAGS);
    int together = given.number("together", 1);
    int senders = given.number("senders", 1);
    int count = given.number("requests", 2000);
    URI embed = URI.create(given.text("url", "http://127.0.0.1:8080") + "/embed");
    EmbedRate rate = new EmbedRate(embed, together);
    rate.ask(given.number("warm", 200), senders);
    rate.failed.set(0);
    long began = System.nanoTime();
    double[] millis = rate.ask(count, senders);
    double seconds = (System.nanoTime() - began) * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "%d requests of %d, %d senders: p50 %.1f ms, p99 %.1f ms, %.0f images/s; %d failed; versions %s%n",
        count,
        together,
        senders,
        quantile(millis, 0.5),
        quantile(millis, 0.99),
        (count - rate.failed.get()) * together / seconds,
        rate.failed.get(),
        rate.versions);
    System.exit(rate.failed.get() == 0 ? 0 : 1);
  }

  /** The times of so many requests, ascending, milliseconds. */
  private double[] ask(int count, int senders) throws InterruptedException {
    double[] millis = new double[count];
    next.set(0);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < senders; i++) {
      threads.add(new Thread(() -> send(millis)));
      threads.get(i).start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Arrays.sort(millis);
    return millis;
  }

  private void send(double[] millis) {
    HttpClient client = HttpClient.newHttpClient();
    for (int i = next.getAndIncrement(); i < millis.length; i = next.getAndIncrement()) {
      long began = System.nanoTime();
      try {
        HttpResponse<String> answer =
            client.send(
                requests[i % DISTINCT], HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        millis[i] = (System.nanoTime() - began) * 1e-6;
        note(answer);
      } catch (IOException e) {
        failed.incrementAndGet();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private synchronized void note(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() != 200) {
      failed.incrementAndGet();
      return;
    }
    JsonNode version = JSON.readTree(answer.body()).path("version");
    versions.add(version.asInt());
  }

  private static double quantile(double[] ascending, double share) {
    return ascending[(int) Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
  }
}
