package dev.millrace.serve;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.live.source.UnreadBody;
import dev.millrace.vision.decode.BadPictureException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An encoder over HTTP: {@code POST /embed}, {@code /search}, {@code GET /encoder}, {@code
 * /health}, {@code /metrics}, and for a live run the page. A request is answered by one version of
 * the encoder. Listens from {@link #start} until {@link #close}. Thread-safe.
 */
public final class EncoderServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EncoderServer.class);
  private static final int NEAREST = 12;
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final ServeSettings settings;
  private final Takeover takeover;
  private final Access access;
  private final RateLimit rate;
  private final Semaphore together;
  private final GivenPictures pictures;
  private final KeptIndexes indexes;
  private final Metrics metrics;
  private final InstantSource clock;
  private final Javalin server;
  private final LivePage page;

  /**
   * A server that does not listen yet.
   *
   * @param takeover the encoder; stays the caller's
   * @param indexes of what is served; closed with the server
   * @param page of a live run; null for none
   */
  public EncoderServer(
      ServeSettings settings,
      Takeover takeover,
      KeptIndexes indexes,
      LivePage page,
      InstantSource clock) {
    this.indexes = indexes;
    this.settings = settings;
    this.takeover = takeover;
    this.page = page;
    this.clock = clock;
    access = new Access(settings);
    rate = new RateLimit(settings.rate(), clock);
    pictures = new GivenPictures(settings);
    together = new Semaphore(settings.together());
    metrics = new Metrics(takeover);
    server = Javalin.create(this::configure);
  }

  /** Starts to listen, and returns. */
  public EncoderServer start() {
    server.start(settings.host(), settings.port());
    return this;
  }

  /** The port that is listened at. */
  public int port() {
    return server.port();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.maxRequestSize = settings.maxBody();
    config.http.defaultContentType = "application/json";
    config.jetty.multipartConfig.maxTotalRequestSize(
        settings.maxBody(), io.javalin.config.SizeUnit.BYTES);
    config.jetty.multipartConfig.maxFileSize(settings.maxBody(), io.javalin.config.SizeUnit.BYTES);
    config.routes.before(this::guard);
    config.routes.after(this::heardOut);
    config.routes.after(request -> metrics.answered(request.statusCode()));
    config.routes.post("/embed", this::embed);
    config.routes.post("/search", this::search);
    config.routes.get("/encoder", this::encoder);
    config.routes.get("/health", this::health);
    config.routes.head("/health", this::health); // else 200, whatever is served
    config.routes.get(
        "/metrics",
        request -> request.contentType("text/plain; version=0.0.4").result(metrics.text()));
    if (page != null) {
      page.addTo(config.routes, access);
    }
    config.routes.exception(
        GivenPictures.Refused.class,
        (e, request) -> {
          if (e.status() == 429 || e.status() == 503) {
            request.header("Retry-After", e.status() == 429 ? "1" : "5");
          }
          refuse(request, e.status(), e.getMessage());
        });
    config.routes.exception(
        IllegalArgumentException.class, (e, request) -> refuse(request, 400, e.getMessage()));
    config.routes.exception(
        IOException.class, (e, request) -> refuse(request, 500, Reason.whole(e)));
    config.routes.error(404, this::unknown);
    config.routes.exception(
        RuntimeException.class,
        (e, request) -> {
          LOG.warn("{} {} failed", request.method(), request.path(), e);
          refuse(request, 500, "this request failed; the server's log says why");
        });
  }

  private void heardOut(Context request) {
    UnreadBody.hearOut(request, 2L * settings.maxBody());
  }

  private void unknown(Context request) {
    heardOut(request); // where there is no path, nothing comes after
    if (request.result() == null || !request.result().startsWith("{\"error\"")) {
      refuse(
          request,
          404,
          "there is nothing at this path; see /health, /embed, /search, /encoder, /metrics");
    }
  }

  /** Before every request: what a browser may do with the answer, and who may ask. */
  private void guard(Context request) {
    request.header("Content-Security-Policy", POLICY);
    request.header("X-Content-Type-Options", "nosniff");
    request.header("Referrer-Policy", "no-referrer");
    request.header("Cross-Origin-Resource-Policy", "same-origin");
    request.header("Cache-Control", "no-store");
    Access.Refusal refusal = access.refusal(request);
    boolean costs = request.method() == HandlerType.POST || path(request).equals("/encoder");
    if (refusal == null && costs && !rate.allows(request.ip())) {
      request.header("Retry-After", "1");
      refusal =
          new Access.Refusal(
              429, "more than %d requests per second; wait a moment".formatted(settings.rate()));
    }
    if (refusal != null) {
      refuse(request, refusal.status(), refusal.words());
      heardOut(request); // what comes after every request is skipped, too
      metrics.answered(refusal.status());
      request.skipRemainingHandlers();
    }
  }

  /** As a route is found by it: also with slashes at its end. */
  private static String path(Context request) {
    return request.path().replaceFirst("/+$", "");
  }

  static void refuse(Context request, int status, String words) {
    json(request.status(status), Map.of("error", words));
  }

  static void json(Context request, Object answer) {
    try {
      request.contentType("application/json").result(JSON.writeValueAsString(answer));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer of numbers and names is always JSON", e);
    }
  }

  private void none(Context request) {
    request.header("Retry-After", "5");
    String failure = takeover.failure();
    refuse(
        request,
        503,
        failure.isEmpty()
            ? "there is no encoder yet; the first is served when a chunk is learned"
            : "the encoder cannot be loaded, and is tried again: " + failure);
  }

  private void embed(Context request) throws Exception {
    // A slow client holds its own body only; a place to compute is taken when that is whole.
    try (GivenPictures.Given given = pictures.of(request);
        Takeover.Lease lease = takeover.lease().orElse(null)) {
      if (lease == null) {
        none(request);
        return;
      }
      answer(
          request,
          given,
          lease,
          vectors -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("version", lease.found().version());
            answer.put("sha256", lease.found().sha256());
            answer.put("dim", lease.encoder().dim());
            answer.put("vectors", vectors);
            return answer;
          });
    }
  }

  private void search(Context request) throws Exception {
    String k = request.queryParam("k");
    if (k != null && !k.matches("[1-9][0-9]?|100")) {
      throw new GivenPictures.Refused(400, "found k=%s, expected 1 … 100".formatted(k));
    }
    try (GivenPictures.Given given = pictures.of(request);
        Takeover.Lease lease = takeover.lease().orElse(null)) {
      if (lease == null) {
        none(request);
        return;
      }
      if (given.pictures().size() != 1) {
        throw new GivenPictures.Refused(
            400, "found %d pictures, expected one".formatted(given.pictures().size()));
      }
      // Before a place to compute is taken: opening an index may take longer than all embedding.
      try (KeptIndexes.Lease index = indexes.lease(request.queryParam("index"), lease)) {
        answer(
            request,
            given,
            lease,
            vectors ->
                index.nearest(
                    lease.found(), vectors[0], k == null ? NEAREST : Integer.parseInt(k)));
      }
    }
  }

  /** What is made of the vectors of a request's pictures. */
  private interface Answer {
    Map<String, Object> of(float[][] vectors) throws Exception;
  }

  private void answer(
      Context request, GivenPictures.Given given, Takeover.Lease lease, Answer answer)
      throws Exception {
    long began = clock.millis();
    takePlace();
    try {
      float[][] vectors = lease.encoder().embedEncoded(given.pictures());
      metrics.embedded(given.pictures().size(), Duration.ofMillis(clock.millis() - began));
      json(request, answer.of(vectors));
    } catch (BadPictureException e) {
      metrics.undecodable();
      refuse(request, 422, e.reason());
    } finally {
      together.release();
    }
  }

  /** One of those that compute together, to be released. */
  private void takePlace() throws GivenPictures.Refused {
    if (!together.tryAcquire()) {
      throw new GivenPictures.Refused(
          429,
          "%d requests are being answered already; wait a moment".formatted(settings.together()));
    }
  }

  private void encoder(Context request) throws GivenPictures.Refused, IOException {
    try (Takeover.Lease lease = takeover.lease().orElse(null)) {
      if (lease == null) {
        none(request);
        return;
      }
      // Opened once: these bytes stay readable, also if the file is replaced by renaming.
      FileChannel file = FileChannel.open(lease.found().file());
      boolean sent = false;
      try {
        InputStream bytes = Channels.newInputStream(file);
        if (!checksum(bytes).equals(lease.found().sha256())) {
          request.header("Retry-After", "1");
          refuse(
              request,
              503,
              "the encoder's file is being replaced; ask again in a moment, /health says if the new one is refused");
          return;
        }
        file.position(0);
        request.header("X-Millrace-Version", Integer.toString(lease.found().version()));
        request.header("X-Millrace-Sha256", lease.found().sha256());
        request.header("Content-Disposition", "attachment; filename=\"encoder.safetensors\"");
        request.contentType("application/octet-stream").result(bytes);
        sent = true; // and closed by the server then
      } finally {
        if (!sent) {
          file.close();
        }
      }
    }
  }

  /** Reading all of an encoder costs as much as a request that computes. */
  private String checksum(InputStream bytes) throws GivenPictures.Refused, IOException {
    takePlace();
    try {
      return Sha256.of(bytes);
    } finally {
      together.release();
    }
  }

  private void health(Context request) {
    try (Takeover.Lease lease = takeover.lease().orElse(null)) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("status", lease == null ? "waiting" : "serving");
      answer.put("version", lease == null ? null : lease.found().version());
      answer.put("sha256", lease == null ? null : lease.found().sha256());
      answer.put("refused", takeover.failure().isEmpty() ? null : takeover.failure());
      json(request.status(lease == null ? 503 : 200), answer);
    }
  }

  /** Ends after the requests under way. */
  @Override
  public void close() {
    if (page != null) {
      page.close();
    }
    server.stop();
    try {
      indexes.close();
    } catch (IOException e) {
      LOG.warn("the index is not closed: {}", Reason.whole(e));
    }
  }
}
