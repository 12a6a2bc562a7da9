package dev.millrace.serve;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A page in Chromium without a window, driven over the DevTools protocol. Used by one thread; close
 * it to end the browser.
 */
final class Chromium implements AutoCloseable {
  /** Set where the browser has to be there: its tests fail then, and are not skipped. */
  private static final String NEEDED = "MILLRACE_NEED_BROWSER";

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");
  private static final long PATIENCE_SECONDS = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final List<JsonNode> events = Collections.synchronizedList(new ArrayList<>());

  private Chromium(Process process, HttpClient client, int port) throws Exception {
    this.process = process;
    HttpRequest list =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
    JsonNode pages = JSON.readTree(client.send(list, HttpResponse.BodyHandlers.ofString()).body());
    JsonNode page = null;
    for (JsonNode one : pages) {
      page = one.path("type").asText().equals("page") ? one : page;
    }
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(page.path("webSocketDebuggerUrl").asText()), new Heard())
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Starts one; skips the test where there is none, unless the environment says there must be. */
  static Chromium start(Path folder) throws Exception {
    Path program = program();
    if (System.getenv(NEEDED) == null) {
      assumeTrue(
          program != null,
          "no Chromium on the PATH: install it (Debian: apt-get install chromium) to test the page; "
              + NEEDED
              + "=1 makes this a failure");
    }
    if (program == null) {
      throw new AssertionError(NEEDED + " is set, and there is no Chromium on the PATH");
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      int port = port(process);
      return new Chromium(process, HttpClient.newHttpClient(), port);
    } catch (Exception | AssertionError e) {
      end(process);
      throw e;
    }
  }

  private static Path program() {
    for (String folder : System.getenv("PATH").split(java.io.File.pathSeparator, -1)) {
      for (String name : NAMES) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return file;
        }
      }
    }
    return null;
  }

  /** From the line that says where it listens; the rest is read on, so that it never waits. */
  private static int port(Process process) throws Exception {
    CompletableFuture<Integer> found = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              StringBuilder all = new StringBuilder();
              try (BufferedReader lines =
                  new BufferedReader(
                      new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  all.append(line).append('\n');
                  if (line.startsWith("DevTools listening on ")) {
                    found.complete(URI.create(line.substring(line.indexOf("ws://"))).getPort());
                  }
                }
              } catch (IOException e) {
                all.append(e);
              }
              found.completeExceptionally(new IOException("Chromium ended: " + all));
            },
            "chromium-stderr");
    reader.setDaemon(true);
    reader.start();
    return found.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What the browser says: answers by their number, events in a list. */
  private final class Heard implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean whole) {
      text.append(part);
      if (whole) {
        try {
          JsonNode said = JSON.readTree(text.toString());
          CompletableFuture<JsonNode> answer = asked.remove(said.path("id").asInt(-1));
          if (answer != null) {
            answer.complete(said);
          } else {
            events.add(said);
          }
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  JsonNode call(String method, Map<String, Object> parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    String text = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
    socket.sendText(text, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    JsonNode said = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (said.has("error")) {
      throw new IOException(method + ": " + said.path("error"));
    }
    return said.path("result");
  }

  void open(String address) throws Exception {
    call("Page.navigate", Map.of("url", address));
  }

  /** The value of an expression of JavaScript; a promise is waited for. */
  JsonNode value(String expression) throws Exception {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** Waits until an expression is true. */
  void reaches(String expression) throws Exception {
    for (int i = 0; i < 10 * PATIENCE_SECONDS; i++) {
      if (value(expression).asBoolean()) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError(
        "never true: " + expression + "\n" + value("document.body.innerText").asText());
  }

  /** Presses a key, as {@code Tab} or {@code Enter}, and lets it go. */
  void press(String key) throws Exception {
    int code = key.equals("Enter") ? 13 : 9;
    String text = key.equals("Enter") ? "\r" : "";
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of(
              "type", type,
              "key", key,
              "code", key,
              "windowsVirtualKeyCode", code,
              "text", type.equals("keyDown") ? text : ""));
    }
  }

  void type(String text) throws Exception {
    call("Input.insertText", Map.of("text", text));
  }

  /** Looks as on such a screen. */
  void screen(int width, int height, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** All of the page as a PNG. */
  byte[] picture() throws Exception {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .path("data")
                .asText());
  }

  /** Addresses that were asked for. */
  List<String> addresses() {
    return said("Network.requestWillBeSent").stream()
        .map(one -> one.path("params").path("request").path("url").asText())
        .toList();
  }

  /** What went wrong in the page: exceptions, and what was refused or not found. */
  List<String> complaints() {
    List<String> all = new ArrayList<>();
    said("Runtime.exceptionThrown").forEach(one -> all.add(one.toString()));
    for (JsonNode one : said("Log.entryAdded")) {
      if (one.path("params").path("entry").path("level").asText().equals("error")) {
        all.add(one.path("params").path("entry").path("text").asText());
      }
    }
    return all;
  }

  private List<JsonNode> said(String method) {
    synchronized (events) {
      return events.stream().filter(one -> one.path("method").asText().equals(method)).toList();
    }
  }

  @Override
  public void close() {
    socket.abort();
    end(process);
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
