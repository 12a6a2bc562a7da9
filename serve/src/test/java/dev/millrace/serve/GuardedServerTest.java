package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Compute;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server answers before anything is served. */
@Timeout(60)
class GuardedServerTest {
  private static final Device CPU = new Device("cpu");
  private static final String TOKEN = "a-token-of-a-test-0123";

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private Takeover takeover;
  private EncoderServer server;

  @BeforeEach
  void listen() throws Exception {
    Compute.begin(1, CPU);
    LiveFolder live = LiveFolder.of(folder.resolve("live"));
    KeptEncoders encoders = KeptEncoders.of(live, Clock.systemUTC());
    Encoder.Options options = new Encoder.Options(Precision.FP32, 0, CPU, 1);
    takeover = new Takeover(Publication.ofLive(encoders), options, false);
    server =
        new EncoderServer(
                ServeSettings.standard().withPort(0).withToken(TOKEN).withRate(1),
                takeover,
                KeptIndexes.of(live.root()),
                null,
                Clock.systemUTC())
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    takeover.close();
  }

  private int status(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private String metrics() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void whatIsRefusedBeforeItIsLookedAtIsCounted() throws Exception {
    assertThat(status("GET", "/health", "Origin", "http://elsewhere.example")).isEqualTo(403);
    assertThat(metrics()).contains("millrace_requests_total{status=\"403\"} 1");
  }

  @Test
  void healthWithoutABodyIsTheSameHealth() throws Exception {
    assertThat(status("GET", "/health")).isEqualTo(503);
    assertThat(status("HEAD", "/health")).isEqualTo(503);
  }

  @Test
  void anEncoderCostsAlsoWhereItsPathEndsWithASlash() throws Exception {
    int last = 0;
    for (int i = 0; i < 20 && last != 429; i++) {
      last = status("GET", i % 2 == 0 ? "/encoder/" : "/encoder//");
    }
    assertThat(last).isEqualTo(429);
    assertThat(metrics()).contains("millrace_requests_total{status=\"429\"} 1");
  }
}
