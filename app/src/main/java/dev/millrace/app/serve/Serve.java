package dev.millrace.app.serve;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.ServeToken;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.refusal.Choice;
import dev.millrace.serve.RunServer;
import dev.millrace.serve.ServeSettings;
import dev.millrace.serve.Takeover;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves an encoder over HTTP until it is stopped. */
@Command(
    name = "serve",
    sortOptions = false,
    description =
        "Serves an encoder over HTTP: POST /embed and /search, GET /encoder, /health, /metrics, and for a live run its page. A new encoder of the run is taken over between two requests. Beside a live run, which learns in another process, it computes on one thread unless --threads says otherwise.",
    footer = {
      "",
      "Examples:",
      "  millrace serve runs/cam",
      "  curl --data-binary @cat.jpg http://127.0.0.1:8080/embed"
    })
public final class Serve extends ComputingCommand implements Callable<Integer> {
  private static final long ASKING_MILLIS = 100;
  private static final ServeSettings STANDARD = ServeSettings.standard();

  @Parameters(
      paramLabel = "RUN|FILE",
      description = "folder of a live run or of a plain one, or an encoder.safetensors")
  private Path place;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "port to listen at; 0 for any that is free (default: 8080)")
  private int port = STANDARD.port();

  @Option(
      names = "--host",
      paramLabel = "H",
      description =
          "address to listen at; other than this machine's own only with --token (default: 127.0.0.1)")
  private String host = STANDARD.host();

  @Option(
      names = "--token",
      paramLabel = "WORD",
      description =
          "16 or more letters that a request has to bring (Authorization: Bearer WORD) to change something, and with --host for everything; MILLRACE_TOKEN in the environment keeps it off the command line")
  private String token;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "requests per second and address at most; 0 for any number (default: 0)")
  private int rate = STANDARD.rate();

  @Option(names = "--precision", paramLabel = "TYPE", description = "fp32 or bf16 (default: fp32)")
  private String precision = "fp32";

  @Override
  public Integer call() throws IOException {
    Choice.check("--precision", precision, "bf16", "fp32");
    ServeSettings settings = STANDARD.withToken(ServeToken.of(token)).at(host, port).withRate(rate);
    Encoder.Options options =
        new Encoder.Options(
            Precision.valueOf(precision.toUpperCase(Locale.ROOT)),
            0,
            new Device(common.device()),
            threads());
    StopSignals stop = StopSignals.listen("stopping after the requests under way");
    settings.requireFree("--port");
    try (RunServer server = RunServer.start(place, settings, options, Clock.systemUTC())) {
      print(server);
      while (!stop.getAsBoolean()) {
        TimeUnit.MILLISECONDS.sleep(ASKING_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  /** Beside a live run another process learns; threads that share a core wait for each other. */
  private int threads() throws IOException {
    return common.threadsGiven() == null && LiveFolder.of(place).isLive()
        ? 1
        : common.threads(place);
  }

  private void print(RunServer server) {
    String address = server.address();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("address", address);
    json.put("port", server.port());
    try (Takeover.Lease lease = server.takeover().lease().orElse(null)) {
      json.put("version", lease == null ? null : lease.found().version());
      json.put("sha256", lease == null ? null : lease.found().sha256());
      common.print(
          json,
          List.of(
              address,
              lease == null
                  ? none(server.takeover().failure())
                  : "encoder: version %d, %s"
                      .formatted(lease.found().version(), lease.found().sha256())));
    }
  }

  private static String none(String failure) {
    return failure.isEmpty()
        ? "no encoder yet: the first is served when a chunk is learned"
        : "no encoder yet, and it is tried again: " + failure;
  }
}
