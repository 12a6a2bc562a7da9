package dev.millrace.serve;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.Reason;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Promotions;
import dev.millrace.vision.decode.Thumbnail;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.javalin.http.sse.SseClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page of a live run: reads the run's files every second, sends what they say to each viewer,
 * and has the buttons by which a person promotes, rolls back and holds. It loads nothing from
 * elsewhere. Reads the run's files only; what a button changes goes through {@link Promotions}.
 * Thread-safe.
 */
public final class LivePage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LivePage.class);
  private static final long EVERY_MILLIS = 1000;
  private static final int MOST_VIEWERS = 32;
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private final LiveSnapshot snapshot;
  private final KeptEncoders encoders;
  private final LivePictures pictures;
  private final Set<SseClient> viewers = ConcurrentHashMap.newKeySet();
  private final Thread sender;
  private volatile boolean closed;

  /** Why the page could not be brought up to date last. */
  private volatile String said = "";

  /**
   * The page of a live run.
   *
   * @param account says how many pictures are in which state
   */
  public LivePage(LiveFolder live, LiveSnapshot.AccountView account, InstantSource clock) {
    encoders = KeptEncoders.of(live, clock);
    pictures = new LivePictures(live.run());
    snapshot = new LiveSnapshot(live, encoders, account, pictures, clock);
    sender = new Thread(this::send, "serve-page");
    sender.setDaemon(true);
    sender.start();
  }

  void addTo(RoutesConfig routes, Access access) {
    file(routes, "/", "text/html; charset=utf-8", "page.html");
    file(routes, "/page.js", "text/javascript; charset=utf-8", "page.js");
    file(routes, "/page.css", "text/css; charset=utf-8", "page.css");
    file(routes, "/uplot.js", "text/javascript; charset=utf-8", UPLOT + "uPlot.iife.min.js");
    file(routes, "/uplot.css", "text/css; charset=utf-8", UPLOT + "uPlot.min.css");
    routes.get("/live", request -> EncoderServer.json(request, snapshot.now()));
    routes.get("/memory/{place}", this::picture);
    routes.sse("/events", this::view);
    routes.post("/session", request -> open(request, access));
    routes.post("/promote", request -> change(request, access, json -> promote(json)));
    routes.post(
        "/rollback",
        request -> change(request, access, json -> encoders.promotions().rollback(words(json))));
    routes.post(
        "/hold",
        request ->
            change(
                request,
                access,
                json ->
                    encoders.promotions().hold(json.path("held").asBoolean(true), words(json))));
  }

  private static void file(RoutesConfig routes, String path, String type, String name) {
    byte[] bytes;
    try (InputStream in = LivePage.class.getResourceAsStream(name)) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("the jar has lost " + name, e);
    }
    routes.get(path, request -> request.contentType(type).result(bytes));
  }

  /** One of the pictures that the page shows: no request names a file. */
  private void picture(Context request) {
    String place = request.pathParam("place");
    Thumbnail found =
        place.matches("\\d{1,4}") ? pictures.at(Integer.parseInt(place)).orElse(null) : null;
    if (found == null) {
      EncoderServer.refuse(request, 404, "this picture is shown no more");
    } else {
      request.contentType("image/" + found.format()).result(found.bytes());
    }
  }

  /** What a button asks for. */
  private interface Change {
    void make(JsonNode json) throws IOException;
  }

  private void promote(JsonNode json) throws IOException {
    if (!json.path("version").canConvertToInt()) {
      throw new IllegalArgumentException("found no version; expected {\"version\": N}");
    }
    encoders.promotions().promote(json.path("version").asInt(), words(json));
  }

  private static String words(JsonNode json) {
    String words = json.path("reason").asText("");
    return words.substring(0, Math.min(500, words.length()));
  }

  private void change(Context request, Access access, Change change) throws IOException {
    Access.Refusal refusal = access.changeRefusal(request);
    if (refusal != null) {
      EncoderServer.refuse(request, refusal.status(), refusal.words());
      return;
    }
    try {
      byte[] body = request.bodyAsBytes();
      change.make(JSON.readTree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body));
    } catch (JacksonException e) {
      EncoderServer.refuse(request, 400, "the body is no JSON: " + e.getOriginalMessage());
      return;
    }
    EncoderServer.json(request, snapshot.now());
  }

  /** A browser that has brought the token once need not keep it. */
  private static void open(Context request, Access access) {
    Access.Refusal refusal = access.changeRefusal(request);
    if (refusal != null) {
      EncoderServer.refuse(request, refusal.status(), refusal.words());
      return;
    }
    Cookie cookie = new Cookie(Access.cookie(request), access.session());
    cookie.setHttpOnly(true);
    cookie.setSameSite(SameSite.STRICT);
    request.cookie(cookie);
    EncoderServer.json(request, java.util.Map.of("open", true));
  }

  private void view(SseClient viewer) {
    if (viewers.size() >= MOST_VIEWERS) {
      viewer.sendEvent("busy", "too many look already");
      viewer.close();
      return;
    }
    viewer.keepAlive();
    viewer.onClose(() -> viewers.remove(viewer));
    viewers.add(viewer);
    send(viewer, text());
  }

  private String text() {
    try {
      String text = JSON.writeValueAsString(snapshot.now());
      said = "";
      return text;
    } catch (IOException | RuntimeException | Error e) { // the thread that asks lives on
      String words = Reason.whole(e);
      if (!words.equals(said)) { // it is asked every second
        LOG.warn("the page cannot be brought up to date: {}", words);
      }
      said = words;
      return "{}";
    }
  }

  private void send() {
    while (!closed) {
      try {
        TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      if (!viewers.isEmpty()) {
        String text = text();
        viewers.forEach(viewer -> send(viewer, text));
      }
    }
  }

  private void send(SseClient viewer, String text) {
    if (viewer.terminated()) {
      viewers.remove(viewer);
    } else {
      try {
        viewer.sendEvent("live", text);
      } catch (RuntimeException | Error e) { // one who has gone keeps nobody else from the news
        viewers.remove(viewer);
        viewer.close();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    sender.interrupt();
    viewers.forEach(SseClient::close);
  }
}
