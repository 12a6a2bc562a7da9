package dev.millrace.live.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.HeldBytes;
import dev.millrace.file.Json;
import dev.millrace.live.account.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpSourceTest {
  private final HttpSource source =
      new HttpSource("http", new HttpSettings("127.0.0.1", 0, "secret", 1000));
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void open() throws IOException {
    source.open(null);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + source.port() + path))
        .header("Authorization", "Bearer secret");
  }

  private CompletableFuture<HttpResponse<String>> sent(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.BodyPublisher bytes(int count) {
    return HttpRequest.BodyPublishers.ofByteArray(new byte[count]);
  }

  private Batch polled() throws InterruptedException {
    Batch batch = source.poll(10);
    while (batch.isEmpty()) {
      Thread.sleep(5);
      batch = source.poll(10);
    }
    return batch;
  }

  @Test
  void aSenderIsAnsweredWhenItsPictureIsOnDisk() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        sent(to("/pictures/a%2Fb?label=cat").PUT(bytes(3)));
    Batch batch = polled();
    assertThat(batch.arrivals()).hasSize(1);
    assertThat(batch.arrivals().get(0).key()).isEqualTo("a/b");
    assertThat(batch.arrivals().get(0).label()).isEqualTo("cat");
    assertThat(answer.isDone()).isFalse();
    source.committed(batch, List.of(State.PENDING));
    assertThat(answer.get().statusCode()).isEqualTo(201);
    assertThat(answer.get().body()).contains("\"a/b\"").contains("pending");

    answer = sent(to("/pictures").POST(bytes(3)));
    source.committed(polled(), List.of(State.DUPLICATE));
    assertThat(answer.get().statusCode()).isEqualTo(200);
    answer = sent(to("/pictures").POST(bytes(4)));
    source.committed(polled(), List.of(State.QUARANTINED));
    assertThat(answer.get().statusCode()).isEqualTo(422);
  }

  @Test
  void whileTheDiskIsFullSendersAreToldSoAndWhatCameIsADuplicateLater() throws Exception {
    CompletableFuture<HttpResponse<String>> first = sent(to("/pictures/a").PUT(bytes(3)));
    Batch batch = polled();
    CompletableFuture<HttpResponse<String>> second = sent(to("/pictures/b").PUT(bytes(3)));
    Thread.sleep(300);
    source.noSpace("the disk is full");
    CompletableFuture<HttpResponse<String>> third = sent(to("/pictures/c").PUT(bytes(3)));
    for (CompletableFuture<HttpResponse<String>> one : List.of(first, second, third)) {
      assertThat(one.get().statusCode()).isEqualTo(507);
      assertThat(one.get().body()).contains("the disk is full", "send it again");
      assertThat(one.get().headers().firstValue("Retry-After")).isPresent();
    }
    source.committed(batch, List.of(State.PENDING));
    assertThat(source.poll(10).isEmpty()).isTrue();
    CompletableFuture<HttpResponse<String>> again = sent(to("/pictures/a").PUT(bytes(3)));
    source.committed(polled(), List.of(State.DUPLICATE));
    assertThat(again.get().statusCode()).isEqualTo(200);
  }

  @Test
  void whoeverWaitsNoLongerLeavesNothingInTheQueueAndWhatIsPolledCountsOn() throws Exception {
    HttpSource impatient =
        new HttpSource(
            "http",
            new HttpSettings("127.0.0.1", 0, "", 1000),
            new HeldBytes(0, 0), // two blocks, one for each of two small pictures
            Duration.ofMillis(700));
    impatient.open(null);
    try {
      String path = "http://127.0.0.1:" + impatient.port() + "/pictures/";
      assertThat(put(path + "queued").get().statusCode()).isEqualTo(503);
      assertThat(impatient.drained()).isTrue();
      List<CompletableFuture<HttpResponse<String>>> two = List.of(put(path + 1), put(path + 2));
      Thread.sleep(250); // both are in the queue
      Batch batch = impatient.poll(10);
      assertThat(batch.arrivals()).hasSize(2);
      for (CompletableFuture<HttpResponse<String>> one : two) {
        assertThat(one.get().statusCode()).isEqualTo(503);
      }
      assertThat(put(path + "more").get().statusCode()).as("both are in memory").isEqualTo(429);
      impatient.committed(batch, List.of(State.PENDING, State.PENDING));
      CompletableFuture<HttpResponse<String>> next = put(path + "more");
      while (impatient.drained()) {
        Thread.sleep(5);
      }
      impatient.committed(impatient.poll(10), List.of(State.PENDING));
      assertThat(next.get().statusCode()).isEqualTo(201);
    } finally {
      impatient.close();
    }
  }

  private CompletableFuture<HttpResponse<String>> put(String address) {
    return sent(HttpRequest.newBuilder(URI.create(address)).PUT(bytes(3)));
  }

  @Test
  void aBatchEndsBeforeItFillsTheMemoryAndNothingIsLost() throws Exception {
    HttpSource large =
        new HttpSource("http", new HttpSettings("127.0.0.1", 0, "", Batch.ENOUGH_BYTES));
    large.open(null);
    try {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        URI uri = URI.create("http://127.0.0.1:" + large.port() + "/pictures/" + i);
        answers.add(sent(HttpRequest.newBuilder(uri).PUT(bytes((int) Batch.ENOUGH_BYTES * 2 / 3))));
      }
      int taken = 0;
      while (taken < 3) {
        Batch batch = large.poll(10);
        assertThat(batch.arrivals()).hasSizeLessThanOrEqualTo(2);
        large.committed(batch, Collections.nCopies(batch.arrivals().size(), State.PENDING));
        taken += batch.arrivals().size();
        Thread.sleep(taken == 0 ? 1000 : 5); // all three have come
      }
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).isEqualTo(201);
      }
    } finally {
      large.close();
    }
  }

  private static byte[] tar(int files, int size) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry folder = new TarArchiveEntry("a/");
      tar.putArchiveEntry(folder);
      tar.closeArchiveEntry();
      for (int i = 0; i < files; i++) {
        TarArchiveEntry entry = new TarArchiveEntry("a/" + i + ".png");
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        tar.write(new byte[size]);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private CompletableFuture<HttpResponse<String>> sentTar(byte[] tar) {
    return sent(
        to("/pictures?label=cat")
            .header("Content-Type", "application/x-tar")
            .POST(HttpRequest.BodyPublishers.ofByteArray(tar)));
  }

  @Test
  void manyInOneRequestAreAnsweredOneByOne() throws Exception {
    CompletableFuture<HttpResponse<String>> answer = sentTar(tar(3, 10));
    List<State> states = List.of(State.PENDING, State.DUPLICATE, State.QUARANTINED);
    for (int i = 0; i < 3; i++) {
      Batch batch = source.poll(1);
      while (batch.isEmpty()) {
        Thread.sleep(5);
        batch = source.poll(1);
      }
      assertThat(batch.arrivals().get(0).key()).isEqualTo("a/" + i + ".png");
      assertThat(batch.arrivals().get(0).label()).isEqualTo("cat");
      assertThat(answer.isDone()).isFalse();
      source.committed(batch, List.of(states.get(i)));
    }
    assertThat(answer.get().statusCode()).isEqualTo(200);
    JsonNode pictures = Json.JSON.readTree(answer.get().body()).path("pictures");
    assertThat(pictures.findValuesAsText("state"))
        .containsExactly("pending", "duplicate", "quarantined");
    assertThat(pictures.findValuesAsText("id")).containsExactly("a/0.png", "a/1.png", "a/2.png");
  }

  @Test
  void whatSetsPassOverInATarIsNoPicture() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String name :
          List.of("./._a.jpg", "./a.jpg", "b/.DS_Store", "__MACOSX/b/._c.jpg", "b/c.jpg")) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(10);
        tar.putArchiveEntry(entry);
        tar.write(new byte[10]);
        tar.closeArchiveEntry();
      }
    }
    CompletableFuture<HttpResponse<String>> answer = sentTar(bytes.toByteArray());
    List<String> keys = new ArrayList<>();
    while (keys.size() < 2) {
      Batch batch = polled();
      batch.arrivals().forEach(one -> keys.add(one.key()));
      source.committed(batch, Collections.nCopies(batch.arrivals().size(), State.PENDING));
    }
    assertThat(answer.get().statusCode()).isEqualTo(200);
    assertThat(keys).containsExactly("./a.jpg", "b/c.jpg");
  }

  @Test
  void aTarIsTakenWholeOrNotAtAll() throws Exception {
    byte[] whole = tar(3, 900);
    assertThat(sentTar(Arrays.copyOf(whole, whole.length / 2)).get().statusCode()).isEqualTo(400);
    assertThat(sentTar(new byte[700]).get().statusCode()).isEqualTo(400);
    assertThat(sentTar(tar(1, 1001)).get().statusCode()).isEqualTo(413);
    HttpResponse<String> many = sentTar(tar(257, 1)).get();
    assertThat(many.statusCode()).isEqualTo(413);
    assertThat(many.body()).contains("more than 256 pictures");
    assertThat(source.drained()).isTrue();
    CompletableFuture<HttpResponse<String>> waits = sentTar(tar(2, 5));
    Batch first = source.poll(1);
    while (first.isEmpty()) {
      Thread.sleep(5);
      first = source.poll(1);
    }
    source.committed(first, List.of(State.PENDING));
    while (source.drained()) {
      Thread.sleep(5);
    }
    source.full();
    assertThat(waits.get().statusCode()).isEqualTo(429);
    assertThat(waits.get().headers().firstValue("Retry-After")).hasValue("1");
    assertThat(waits.get().body()).contains("pending").contains("refused");
  }

  @Test
  void aFullSpoolIsSaidAtOnce() throws Exception {
    CompletableFuture<HttpResponse<String>> waits = sent(to("/pictures").POST(bytes(3)));
    while (source.drained()) {
      Thread.sleep(5);
    }
    source.full();
    assertThat(waits.get().statusCode()).isEqualTo(429);
    HttpResponse<String> next = sent(to("/pictures").POST(bytes(3))).get();
    assertThat(next.statusCode()).isEqualTo(429);
    assertThat(next.headers().firstValue("Retry-After")).hasValue("1");
  }

  /** A sender that is cut off while it sends hears of a broken pipe, and not why. */
  @Test
  void whoSendsMuchHearsWhyItIsRefused() throws Exception {
    source.full();
    for (int i = 0; i < 10; i++) {
      assertThat(sent(to("/pictures").POST(bytes(8 << 20))).get().statusCode()).isEqualTo(429);
      assertThat(sent(to("/nothing").POST(bytes(8 << 20))).get().statusCode()).isEqualTo(404);
      source.poll(1); // there is room again
      assertThat(sent(to("/pictures").POST(bytes(8 << 20))).get().statusCode()).isEqualTo(413);
      source.full();
    }
  }

  @Test
  void whoAsksBeforeSendingNeedNotSendAndStrangersAreNotHeardOut() throws Exception {
    source.full();
    for (String line :
        List.of("Authorization: Bearer secret\r\nExpect: 100-continue", "Authorization: no")) {
      try (Socket socket = new Socket("127.0.0.1", source.port())) {
        socket.setSoTimeout(5000);
        String head =
            "POST /pictures HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8000000\r\n%s\r\n\r\n"
                .formatted(line);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes(12);
        assertThat(new String(answer, StandardCharsets.US_ASCII))
            .isIn("HTTP/1.1 429", "HTTP/1.1 401");
      }
    }
  }

  @Test
  void strangersAndOversizedPicturesAreRefused() throws Exception {
    HttpRequest.Builder nobody =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + source.port() + "/pictures"));
    assertThat(sent(nobody.POST(bytes(3))).get().statusCode()).isEqualTo(401);
    assertThat(
            sent(to("/pictures").header("Origin", "http://evil.example").POST(bytes(3)))
                .get()
                .statusCode())
        .isEqualTo(403);
    assertThat(sent(to("/pictures").POST(bytes(1001))).get().statusCode()).isEqualTo(413);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HttpSettings("0.0.0.0", 8080, "", 1000))
        .withMessageContaining("token");
  }
}
