package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Sha256;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Verdict;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that listens, asked as any program asks it. */
class EncoderServerIT {
  private static final Device CPU = new Device("cpu");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKEN = "a-token-of-a-test-0123";

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private KeptEncoders encoders;
  private Takeover takeover;
  private KeptIndexes indexes;
  private EncoderServer server;

  @BeforeEach
  void listen() throws IOException {
    Compute.begin(1, CPU);
    LiveFolder live = LiveFolder.of(folder.resolve("live"));
    encoders = KeptEncoders.of(live, Clock.systemUTC());
    promote(0);
    Encoder.Options options = new Encoder.Options(Precision.FP32, 0, CPU, 1);
    takeover = new Takeover(Publication.ofLive(encoders), options, false);
    indexes = KeptIndexes.of(live.root());
    server =
        new EncoderServer(
                ServeSettings.standard().withPort(0).withToken(TOKEN),
                takeover,
                indexes,
                new LivePage(live, () -> Map.of("offered", 7), Clock.systemUTC()),
                Clock.systemUTC())
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    takeover.close();
  }

  private EncoderVersion promote(int seed) throws IOException {
    Path file = folder.resolve("made.safetensors");
    try (EncoderFile made =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL), 16, Map.of(), CPU)) {
      made.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, made.net(), 16, Normalisation.imagenet(), Map.of());
    }
    EncoderVersion version = encoders.keep(file, folder.resolve("run"), seed + 1);
    encoders
        .promotions()
        .judged(
            version, encoders.serving().version(), Verdict.PASS, List.of("not worse"), Map.of());
    return version;
  }

  private static byte[] picture() {
    byte[] head = "P6 20 18 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 3 * 20 * 18);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * 7);
    }
    return bytes;
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private HttpResponse<String> post(String path, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder builder = at(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder builder = at(path);
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void onePictureOrManyBecomeVectorsWithTheEncodersVersion() throws Exception {
    JsonNode one = JSON.readTree(post("/embed", picture()).body());
    String base64 = Base64.getEncoder().encodeToString(picture());
    JsonNode many =
        JSON.readTree(
            post(
                    "/embed",
                    ("{\"pictures\":[\"" + base64 + "\",\"" + base64 + "\"]}")
                        .getBytes(StandardCharsets.UTF_8),
                    "Content-Type",
                    "application/json")
                .body());
    byte[] form =
        ("--x\r\nContent-Disposition: form-data; name=\"p\"; filename=\"../../a.ppm\"\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] end = "\r\n--x--\r\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = Arrays.copyOf(form, form.length + picture().length + end.length);
    System.arraycopy(picture(), 0, whole, form.length, picture().length);
    System.arraycopy(end, 0, whole, form.length + picture().length, end.length);
    JsonNode files =
        JSON.readTree(
            post("/embed", whole, "Content-Type", "multipart/form-data; boundary=x").body());

    assertThat(one.path("version").asInt()).isEqualTo(1);
    assertThat(one.path("sha256").asText()).isEqualTo(encoders.serving().sha256());
    assertThat(one.path("vectors").get(0)).hasSize(one.path("dim").asInt());
    assertThat(many.path("vectors")).hasSize(2);
    assertThat(files.path("vectors")).isEqualTo(one.path("vectors"));
    assertThat(get("/metrics").body())
        .contains("millrace_pictures_embedded_total 4.0", "millrace_encoder_version 1.0");
    assertThat(get("/encoder").headers().firstValue("X-Millrace-Version")).contains("1");
    assertThat(get("/health").body()).contains("\"status\":\"serving\"");
  }

  @Test
  void whatIsNoPictureIsRefusedInWords() throws Exception {
    assertThat(post("/embed", "hello".getBytes(StandardCharsets.UTF_8)))
        .satisfies(
            answer -> {
              assertThat(answer.statusCode()).isEqualTo(422);
              assertThat(answer.body()).contains("picture 0 of the list is");
            });
    assertThat(post("/embed", new byte[0]).statusCode()).isEqualTo(400);
    assertThat(
            post("/embed", "{".getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json")
                .body())
        .contains("the body is no JSON");
    assertThat(post("/embed", new byte[(32 << 20) + 1]).statusCode()).isEqualTo(413);
    assertThat(get("/../../etc/passwd").statusCode()).isIn(400, 404);
    assertThat(get("/nothing").body()).contains("there is nothing at this path");
  }

  @Test
  void whoSendsMuchHearsWhyItIsRefused() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(post("/nothing", new byte[8 << 20]).statusCode()).isEqualTo(404);
      assertThat(post("/embed", new byte[40 << 20]).statusCode()).isEqualTo(413);
    }
  }

  @Test
  void aSlowClientKeepsNobodyElseOut() throws Exception {
    server.close();
    server =
        new EncoderServer(
                new ServeSettings("127.0.0.1", 0, "", 1 << 20, 64, 0, 1),
                takeover,
                indexes,
                null,
                Clock.systemUTC())
            .start();
    try (Socket slow = new Socket("127.0.0.1", server.port())) {
      slow.getOutputStream()
          .write(
              "POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\nP6"
                  .getBytes(StandardCharsets.US_ASCII));
      slow.getOutputStream().flush();
      Thread.sleep(300); // its request is being read by now

      for (int i = 0; i < 5; i++) {
        assertThat(post("/embed", picture()).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void aPictureOfMoreThanTwentyMillionBase64LettersIsRead() throws Exception {
    byte[] head = "P6 2700 2200 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] large = Arrays.copyOf(head, head.length + 3 * 2700 * 2200);
    String json = "{\"pictures\":[\"" + Base64.getEncoder().encodeToString(large) + "\"]}";
    assertThat(json.length()).isGreaterThan(20_000_000);

    HttpResponse<String> answer =
        post("/embed", json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void theEncodersChecksumIsThatOfTheBytesThatAreSent() throws Exception {
    HttpResponse<byte[]> whole =
        client.send(at("/encoder").build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(whole.headers().firstValue("X-Millrace-Sha256"))
        .contains(Sha256.of(whole.body()))
        .contains(encoders.serving().sha256());

    // As a plain run replaces its file before the server has loaded the new one.
    Path file = encoders.file(encoders.served().orElseThrow());
    Path other = Files.write(folder.resolve("other"), new byte[100]);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

    assertThat(get("/encoder").statusCode()).isEqualTo(503);
    assertThat(post("/embed", picture()).statusCode()).isEqualTo(200);
  }

  @Test
  void aFileIsNotSaidToHaveVersionsToPromote() throws Exception {
    Path file = encoders.file(encoders.served().orElseThrow());
    Publication replaced =
        () -> Optional.of(new Publication.Found(0, file, "0000", Publication.AGAIN));

    assertThatThrownBy(
            () -> new Takeover(replaced, new Encoder.Options(Precision.FP32, 0, CPU, 1), false))
        .hasMessageContaining("it was replaced meanwhile")
        .hasMessageNotContaining("promote");
  }

  private Path index(Path encoder) throws IOException {
    return index(encoder, false);
  }

  /** Makes the index anew, or only begins to. */
  private Path index(Path encoder, boolean stop) throws IOException {
    Path index = LiveFolder.of(folder.resolve("live")).run().search().resolve("made");
    PictureSearch.Request request =
        new PictureSearch.Request(
            encoder,
            "generated:images=30,classes=3,size=16",
            index,
            true,
            new Encoder.Options(Precision.FP32, 0, CPU, 1));
    try (PictureSearch search = PictureSearch.open(request)) {
      search.prepare(
          new PictureSearch.Listener() {
            @Override
            public boolean stop() {
              return stop;
            }
          });
    } catch (CancellationException e) {
      assertThat(stop).isTrue();
    }
    return index;
  }

  @Test
  void anIndexThatIsBeingMadeAnewAnswersByItsLastFinishedState() throws Exception {
    Path encoder = encoders.file(encoders.served().orElseThrow());
    index(encoder, true);
    HttpResponse<String> none = post("/search", picture());
    assertThat(none.statusCode()).as(none.body()).isEqualTo(503);
    assertThat(none.headers().firstValue("Retry-After")).isPresent();
    assertThat(none.body()).contains("the index made is not finished");
    index(encoder);
    assertThat(post("/search", picture()).statusCode()).isEqualTo(200);

    index(encoder, true);
    HttpResponse<String> meanwhile = post("/search", picture());
    assertThat(meanwhile.statusCode()).as(meanwhile.body()).isEqualTo(200);
    assertThat(meanwhile.body()).contains("\"pictures\":1030,");
  }

  @Test
  void aSearchUnderWayKeepsItsIndexWhileANewerOneTakesItsPlace() throws Exception {
    Path encoder = encoders.file(encoders.served().orElseThrow());
    index(encoder);
    try (Takeover.Lease lease = takeover.lease().orElseThrow();
        KeptIndexes.Lease before = indexes.lease(null, lease)) {
      index(encoder);
      assertThat(post("/search", picture()).statusCode()).isEqualTo(200);
      float[] vector = lease.encoder().embedEncoded(List.of(picture()))[0];
      assertThat(before.nearest(lease.found(), vector, 3)).containsEntry("pictures", 1030);
    }
  }

  @Test
  void aServerOfAnotherPrecisionThanTheIndexIsTheOneToBeMended() throws Exception {
    index(encoders.file(encoders.served().orElseThrow()));
    try (Takeover rounded =
            new Takeover(
                Publication.ofLive(encoders),
                new Encoder.Options(Precision.BF16, 0, CPU, 1),
                false);
        Takeover.Lease lease = rounded.lease().orElseThrow()) {
      assertThatThrownBy(() -> indexes.lease(null, lease))
          .hasMessageContaining("serve with --precision fp32")
          .hasMessageNotContaining("--rebuild");
    }
  }

  @Test
  void aLiveRunIsServedAlthoughItsFirstEncoderCannotBeLoaded() throws Exception {
    Path file = encoders.file(encoders.served().orElseThrow());
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, new byte[100]);
    try (RunServer started =
        RunServer.start(
            folder.resolve("live"),
            ServeSettings.standard().withPort(0),
            new Encoder.Options(Precision.FP32, 0, CPU, 1),
            Clock.systemUTC())) {
      URI health = URI.create(started.address() + "/health");
      HttpResponse<String> refused =
          client.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(JSON.readTree(refused.body()).path("refused").asText())
          .contains("encoder.safetensors");

      Files.write(file, whole);
      long patience = System.nanoTime() + 20_000_000_000L;
      while (!started.takeover().failure().isEmpty() && System.nanoTime() < patience) {
        Thread.sleep(20);
      }
      try (Takeover.Lease lease = started.takeover().lease().orElseThrow()) {
        assertThat(lease.found().version()).isEqualTo(1);
      }
    }
  }

  @Test
  void anEncoderThatCannotBeReadLeavesNoFileOpen() throws Exception {
    Path open = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(open));
    Path file = encoders.file(encoders.served().orElseThrow());
    Files.delete(file);
    Files.createDirectory(file); // can be opened and not read

    for (int i = 0; i < 5; i++) {
      assertThat(get("/encoder").statusCode()).isEqualTo(500);
    }

    try (Stream<Path> all = Files.list(open)) {
      assertThat(all.filter(one -> one.toFile().exists() && leadsTo(one, file))).isEmpty();
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file.toRealPath());
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  @Test
  void aPictureFindsItselfAndItsNearestInTheKeptIndex() throws Exception {
    HttpResponse<String> none = post("/search", picture());
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).contains("make one with `millrace search --weights");
    index(encoders.file(encoders.served().orElseThrow()));
    byte[] known =
        Catalogue.standard().open("generated:images=30,classes=3,size=16").train().image(5).bytes();

    JsonNode found = JSON.readTree(post("/search?k=3", known).body());

    assertThat(found.path("version").asInt()).isEqualTo(1);
    assertThat(found.path("sha256").asText()).isEqualTo(encoders.serving().sha256());
    assertThat(found.path("nearest")).hasSize(3);
    JsonNode first = found.path("nearest").get(0);
    assertThat(first.path("name").asText())
        .isEqualTo(
            Catalogue.standard()
                .open("generated:images=30,classes=3,size=16")
                .train()
                .image(5)
                .id());
    assertThat(first.path("score").asDouble()).isCloseTo(1, within(1e-5));
    assertThat(post("/search?k=101", known).statusCode()).isEqualTo(400);
    assertThat(post("/search?index=../run", known).body())
        .contains("there is no index of this name", "made");
    assertThat(post("/search", "hello".getBytes(StandardCharsets.UTF_8)).statusCode())
        .isEqualTo(422);
  }

  private void awaitVersion(int version) throws Exception {
    long patience = System.nanoTime() + 20_000_000_000L;
    while (!get("/health").body().contains("\"version\":" + version + ",")
        && System.nanoTime() < patience) {
      Thread.sleep(20);
    }
  }

  @Test
  void aSearchNeverMixesVersionsAndSaysOverWhatItGoes() throws Exception {
    index(encoders.file(encoders.served().orElseThrow()));
    String first = encoders.serving().sha256();
    JsonNode before = JSON.readTree(post("/search", picture()).body());
    assertThat(before.path("index_sha256").asText()).isEqualTo(first);
    assertThat(before.path("bridge_recall").isNull()).isTrue();

    EncoderVersion second = promote(1);
    awaitVersion(second.version());
    assertThat(post("/search", picture()).statusCode()).isEqualTo(409);

    KeptVectors vectors =
        new KeptVectors(
            LiveFolder.of(folder.resolve("live")),
            Clock.systemUTC(),
            new Encoder.Options(Precision.FP32, 0, CPU, 1),
            KeptVectors.Rest.NONE);
    PictureSearch.Listener nobody = new PictureSearch.Listener() {};
    VectorWorth worth = vectors.bridge("made", List.of(), 40, 0, nobody);
    for (int i = 0; i < 2; i++) { // the second finds it open
      JsonNode over = JSON.readTree(post("/search", picture()).body());
      assertThat(over.path("version").asInt()).isEqualTo(second.version());
      assertThat(over.path("index").asText()).isEqualTo("made");
      assertThat(over.path("index_sha256").asText()).isEqualTo(first);
      assertThat(over.path("bridge_recall").asDouble()).isEqualTo(worth.bridge());
    }

    vectors.embed("made", List.of(), nobody);
    JsonNode anew = JSON.readTree(post("/search?index=made", picture()).body());
    assertThat(anew.path("index").asText()).isEqualTo("made@" + second.version());
    assertThat(anew.path("index_sha256").asText()).isEqualTo(second.sha256());
    assertThat(anew.path("bridge_recall").isNull()).isTrue();

    encoders.promotions().rollback("");
    awaitVersion(1);
    JsonNode back = JSON.readTree(post("/search", picture()).body());
    assertThat(back.path("index").asText()).isEqualTo("made");
    assertThat(back.path("index_sha256").asText()).isEqualTo(first);
  }

  @Test
  void anIndexOfAnotherVersionIsRefusedUntilItIsMadeAnew() throws Exception {
    index(encoders.file(encoders.served().orElseThrow()));
    assertThat(post("/search", picture()).statusCode()).isEqualTo(200);
    EncoderVersion next = promote(1);
    awaitVersion(2);

    HttpResponse<String> other = post("/search", picture());
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(other.body()).contains("is of another encoder", "--rebuild");

    index(encoders.file(next));
    assertThat(JSON.readTree(post("/search", picture()).body()).path("version").asInt())
        .isEqualTo(2);
  }

  /** Else whoever asks again and again keeps all others waiting. */
  @Test
  void aSearchIsRefusedByTheHeadOfAnIndexAlone() throws Exception {
    Path index = index(encoders.file(encoders.served().orElseThrow()));
    try (Stream<Path> files = Files.list(index)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".vec")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1; // whoever reads all of it finds this
        Files.write(file, bytes);
      }
    }
    assertThat(post("/search", picture()).statusCode()).isEqualTo(500);
    promote(1);
    awaitVersion(2);
    HttpResponse<String> other = post("/search", picture());
    assertThat(other.statusCode()).as(other.body()).isEqualTo(409);
    assertThat(other.body()).contains("is of another encoder");
    try (Takeover rounded =
            new Takeover(
                Publication.ofLive(encoders),
                new Encoder.Options(Precision.BF16, 0, CPU, 1),
                false);
        Takeover.Lease lease = rounded.lease().orElseThrow()) {
      assertThatThrownBy(() -> indexes.lease(null, lease))
          .hasMessageContaining("serve with --precision fp32");
    }
  }

  @Test
  void changesWantTheTokenAndOtherSitesGetNothing() throws Exception {
    promote(1);
    byte[] one = "{\"version\":1}".getBytes(StandardCharsets.UTF_8);

    assertThat(post("/promote", one).statusCode()).isEqualTo(401);
    assertThat(post("/promote", one, "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(get("/health", "Origin", "http://elsewhere.example").statusCode()).isEqualTo(403);
    assertThat(get("/health", "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    assertThat(encoders.serving().version()).isEqualTo(2);
    assertThat(post("/promote", one, "Authorization", "Bearer " + TOKEN).statusCode())
        .isEqualTo(200);
    assertThat(encoders.serving().version()).isEqualTo(1);
    HttpResponse<String> session =
        post("/session", new byte[0], "Authorization", "Bearer " + TOKEN);
    String cookie = session.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).as("another run's on this host stays").contains("-" + server.port() + "=");
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").doesNotContain(TOKEN);
    assertThat(post("/hold", new byte[0], "Cookie", cookie.replaceAll(";.*", "")).statusCode())
        .isEqualTo(200);
    assertThat(encoders.serving().held()).isTrue();
    assertThat(get("/").headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
    assertThat(get("/uplot.js").body()).contains("uPlot");
    assertThat(get("/live").body()).contains("\"offered\":7");
  }

  @Test
  void noRequestFailsOrMixesVersionsWhileVersionsArePromoted() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    Map<Integer, java.util.SortedSet<String>> seen = new ConcurrentHashMap<>();
    List<Thread> askers =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          while (!done.get()) {
                            try {
                              HttpResponse<String> answer = post("/embed", picture());
                              JsonNode json = JSON.readTree(answer.body());
                              if (answer.statusCode() != 200) {
                                failed.incrementAndGet();
                              }
                              seen.computeIfAbsent(
                                      json.path("version").asInt(),
                                      v -> new java.util.concurrent.ConcurrentSkipListSet<>())
                                  .add(json.path("sha256").asText() + json.path("vectors"));
                            } catch (Exception e) {
                              failed.incrementAndGet();
                            }
                          }
                        }))
            .toList();
    askers.forEach(Thread::start);
    Map<Integer, String> sums = new HashMap<>();
    for (int seed = 0; seed <= 6; seed++) {
      EncoderVersion version = seed == 0 ? encoders.served().orElseThrow() : promote(seed);
      sums.put(version.version(), version.sha256());
      long patience = System.nanoTime() + 20_000_000_000L;
      while (!seen.containsKey(version.version()) && System.nanoTime() < patience) {
        Thread.sleep(20);
      }
    }
    done.set(true);
    for (Thread asker : askers) {
      asker.join();
    }

    assertThat(failed.get()).isZero();
    assertThat(seen).hasSize(7);
    // One picture, so one vector per version: anything else would be an answer of two.
    seen.forEach(
        (version, answers) -> {
          assertThat(answers).as("version " + version).hasSize(1);
          assertThat(answers.first()).startsWith(sums.get(version));
        });
  }
}
