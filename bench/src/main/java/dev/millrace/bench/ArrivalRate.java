package dev.millrace.bench;

import dev.millrace.file.Trees;
import dev.millrace.live.Live;
import dev.millrace.live.LiveEvent;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.source.HttpSettings;
import dev.millrace.live.source.HttpSource;
import dev.millrace.live.source.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How many small pictures a live run accepts a second, each decoded and on disk before it counts;
 * nothing is learned.
 *
 * <pre>
 * bench/run dev.millrace.bench.ArrivalRate --pictures 40000
 * bench/run dev.millrace.bench.ArrivalRate --pictures 40000 --kafka 127.0.0.1:9092
 * bench/run dev.millrace.bench.ArrivalRate --pictures 90000 --rate 1500
 * </pre>
 */
public final class ArrivalRate {
  private static final int DISTINCT = 64;
  private static final int TOGETHER = 256;
  private static final int TOO_MANY = 429;
  private static final List<String> FLAGS =
      List.of("pictures", "width", "kafka", "senders", "rate");

  /** What a run without a learner needs: chunks never close here. */
  private static final Learner NOBODY =
      new Learner() {
        @Override
        public boolean learn(int chunk) {
          return false;
        }

        @Override
        public void close() {
          // It learned nothing.
        }
      };

  private final byte[][] pictures = new byte[DISTINCT][];
  private final int count;

  /** Pictures a second that are sent; 0 for as many as are taken. */
  private final int rate;

  private final AtomicLong accepted = new AtomicLong();

  private ArrivalRate(int count, int width, int rate) throws IOException {
    this.count = count;
    this.rate = rate;
    for (int i = 0; i < DISTINCT; i++) {
      pictures[i] = JpegFolder.bytes(i, width, width * 3 / 4);
    }
  }

  /**
   * {@code --pictures N}, {@code --width N} of each, pixels, at 4:3 (112), {@code --kafka
   * HOST:PORT} of a broker that runs, {@code --senders N}, {@code --rate N} that they send a second
   * (as many as are taken).
   */
  public static void main(String[] args) throws Exception {
    Arguments given = new Arguments(args, FLAGS);
    ArrivalRate rate =
        new ArrivalRate(
            given.number("pictures", 40_000), given.number("width", 112), given.number("rate", 0));
    Path folder = Files.createTempDirectory("millrace-arrivals");
    try {
      if (given.has("kafka")) {
        rate.kafka(folder, given.text("kafka", ""));
      } else {
        rate.http(folder, given.number("senders", 4));
      }
    } finally {
      Trees.delete(folder);
    }
    System.exit(0); // libtorch's threads would keep the process
  }

  /** A decoder stops at the picture's end; what follows makes the bytes differ. */
  private byte[] picture(int i) {
    byte[] one = pictures[i % DISTINCT];
    return ByteBuffer.allocate(one.length + Integer.BYTES).put(one).putInt(i).array();
  }

  private void heard(LiveEvent event) {
    if (event instanceof LiveEvent.Accepted some) {
      accepted.addAndGet(some.states().values().stream().mapToInt(n -> n).sum());
    }
  }

  private Live live(Path folder, Source source, String words) throws IOException {
    var builder = Live.in(folder.resolve("run")).close("count=100000000").learner(NOBODY);
    builder.listener(this::heard);
    return (source == null ? builder.source(words) : builder.source(source)).start();
  }

  private void http(Path folder, int senders) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    HttpSource source = new HttpSource("http", new HttpSettings("127.0.0.1", port, "", 1 << 20));
    List<byte[]> bodies = new ArrayList<>();
    for (int from = 0; from < count; from += TOGETHER) {
      bodies.add(tar(from, Math.min(count, from + TOGETHER)));
    }
    try (Live live = live(folder, source, null)) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/pictures");
      awaitListening(port);
      AtomicInteger next = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      long began = System.nanoTime();
      for (int i = 0; i < senders; i++) {
        threads.add(new Thread(() -> send(uri, bodies, next, began)));
        threads.get(i).start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      print("HTTP, %d senders".formatted(senders), began);
    }
  }

  private static void awaitListening(int port) throws InterruptedException {
    while (true) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
  }

  private void send(URI uri, List<byte[]> bodies, AtomicInteger next, long began) {
    HttpClient client = HttpClient.newHttpClient();
    try {
      for (int i = next.getAndIncrement(); i < bodies.size(); i = next.getAndIncrement()) {
        await(began, (long) i * TOGETHER);
        HttpRequest request =
            HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/x-tar")
                .POST(HttpRequest.BodyPublishers.ofByteArray(bodies.get(i)))
                .build();
        int code = TOO_MANY;
        while (code == TOO_MANY) {
          code = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        }
        if (code != 200) {
          throw new IOException("the run answered " + code);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until so many pictures may have been sent. */
  private void await(long began, long sent) throws InterruptedException {
    long due = rate == 0 ? began : began + (long) (sent * 1e9 / rate);
    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
  }

  private byte[] tar(int from, int to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = from; i < to; i++) {
        byte[] one = picture(i);
        TarArchiveEntry entry = new TarArchiveEntry(i + ".jpg");
        entry.setSize(one.length);
        tar.putArchiveEntry(entry);
        tar.write(one);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private void kafka(Path folder, String broker) throws Exception {
    String topic = "arrivals-" + System.nanoTime();
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        producer.send(new ProducerRecord<>(topic, String.valueOf(i), picture(i)));
      }
    }
    long began = System.nanoTime();
    try (Live live = live(folder, null, "kafka://" + broker + "/" + topic)) {
      while (accepted.get() < count && !live.ended()) {
        Thread.sleep(10);
      }
      print("Kafka", began);
    }
  }

  private void print(String what, long began) {
    double seconds = (System.nanoTime() - began) * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "%s: %d pictures of %.1f kB on average accepted in %.1f s: %.0f pictures/s, %.1f MB/s%n",
        what,
        accepted.get(),
        bytes() / 1e3,
        seconds,
        accepted.get() / seconds,
        accepted.get() * bytes() / 1e6 / seconds);
  }

  private double bytes() {
    long all = 0;
    for (byte[] one : pictures) {
      all += one.length + Integer.BYTES;
    }
    return all / (double) DISTINCT;
  }
}
