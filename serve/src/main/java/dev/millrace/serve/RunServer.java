package dev.millrace.serve;

import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * Serves what lies at a place: a live run with its page, a plain run, or an encoder file. Listens
 * from {@link #start} until {@link #close}. Thread-safe.
 */
public final class RunServer implements AutoCloseable {
  private final ServeSettings settings;
  private final Takeover takeover;
  private final EncoderServer server;

  private RunServer(ServeSettings settings, Takeover takeover, EncoderServer server) {
    this.settings = settings;
    this.takeover = takeover;
    this.server = server;
  }

  /**
   * Starts to listen, and returns.
   *
   * @param place folder of a run, or a file
   * @param options how its encoders compute
   * @throws IllegalArgumentException if there is neither a run nor a file
   * @throws IOException if the port cannot be had, or the encoder of a plain run or of a file
   *     cannot be loaded; that of a live run is tried again, see {@link Takeover#failure}
   */
  public static RunServer start(
      Path place, ServeSettings settings, Encoder.Options options, InstantSource clock)
      throws IOException {
    LivePage page = page(place, clock);
    // A live run goes on taking pictures in and learning, and its next encoder may be a whole one.
    Takeover takeover = new Takeover(Publication.of(place, clock), options, page != null);
    try {
      EncoderServer server =
          new EncoderServer(settings, takeover, KeptIndexes.of(place), page, clock);
      try {
        server.start();
      } catch (RuntimeException e) {
        server.close();
        throw new IOException(
            "%s:%d cannot be listened to: %s; give another port"
                .formatted(settings.host(), settings.port(), e.getMessage()),
            e);
      }
      return new RunServer(settings, takeover, server);
    } catch (IOException | RuntimeException e) {
      takeover.close();
      throw e;
    }
  }

  private static LivePage page(Path place, InstantSource clock) {
    LiveFolder live = LiveFolder.of(place);
    return live.hasEncoders()
        ? new LivePage(live, () -> live.isLive() ? LiveStatus.of(live).json() : Map.of(), clock)
        : null;
  }

  /** Where it is reached, such as {@code http://127.0.0.1:8080}. */
  public String address() {
    return "http://" + settings.host() + ":" + port();
  }

  /** The port that is listened at. */
  public int port() {
    return server.port();
  }

  /** The encoder that requests are answered by. */
  public Takeover takeover() {
    return takeover;
  }

  /** Ends after the requests under way. */
  @Override
  public void close() {
    server.close();
    takeover.close();
  }
}
