package dev.millrace.serve;

import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.inference.Encoder;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The encoder that requests are answered by. A new one is loaded beside it and takes over between
 * two requests: a request keeps the one it began with, and the old one is freed when the last such
 * request has ended. One that cannot be loaded, or is not what its checksum says, changes nothing
 * and is tried again, as after an error of the JVM. Thread-safe.
 */
public final class Takeover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
  private static final long EVERY_MILLIS = 250;

  private final Publication publication;
  private final Encoder.Options options;
  private final Thread watch;
  private final Handover<Served, RuntimeException> current =
      new Handover<>(served -> served.encoder().close());
  private volatile String failure = "";
  private volatile boolean closed;
  private volatile long takeovers;

  private record Served(Publication.Found found, Encoder encoder) {}

  /** The encoder for one request, which closes it at its end. */
  public final class Lease implements AutoCloseable {
    private final Handover<Served, RuntimeException>.Use use;

    private Lease(Handover<Served, RuntimeException>.Use use) {
      this.use = use;
    }

    /** The encoder; not to be closed. */
    public Encoder encoder() {
      return use.thing().encoder();
    }

    /** Which it is. */
    public Publication.Found found() {
      return use.thing().found();
    }

    @Override
    public void close() {
      use.end();
    }
  }

  /**
   * Loads what is published, and watches for what comes after it.
   *
   * @param patient whether a first encoder that cannot be loaded is tried again, as every later one
   *     is; else it is refused
   * @throws IOException if it is refused
   */
  public Takeover(Publication publication, Encoder.Options options, boolean patient)
      throws IOException {
    this.publication = publication;
    this.options = options;
    if (patient) {
      attempt();
    } else {
      refresh();
    }
    watch = new Thread(this::watch, "serve-takeover");
    watch.setDaemon(true);
    watch.start();
  }

  private void watch() {
    while (!closed) {
      try {
        TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      attempt();
    }
  }

  private void attempt() {
    try {
      refresh();
      failure = "";
    } catch (IOException | RuntimeException | Error e) { // memory or threads may be short for now
      String words = Reason.whole(e);
      if (!words.equals(failure)) {
        LOG.warn("the encoder is not taken over: {}", words);
      }
      failure = words;
    }
  }

  private void refresh() throws IOException {
    Optional<Publication.Found> found = publication.now();
    Served now = current.now();
    if (found.isEmpty() || now != null && same(now.found(), found.get())) {
      return;
    }
    Encoder encoder = Encoder.load(found.get().file(), options);
    if (!encoder.sha256().equals(found.get().sha256())) {
      encoder.close();
      throw new IOException(
          "%s has the checksum %s, expected %s: %s"
              .formatted(
                  found.get().file(), encoder.sha256(), found.get().sha256(), found.get().mend()));
    }
    if (now != null) {
      takeovers++;
    }
    current.replace(new Served(found.get(), encoder));
  }

  private static boolean same(Publication.Found a, Publication.Found b) {
    return a.version() == b.version() && a.sha256().equals(b.sha256());
  }

  /** The encoder of now; nothing before the first one. */
  public Optional<Lease> lease() {
    return current.use().map(Lease::new);
  }

  /** Why the newest encoder is not served; empty if it is. */
  public String failure() {
    return failure;
  }

  /** How often an encoder took another's place. */
  public long takeovers() {
    return takeovers;
  }

  @Override
  public void close() {
    closed = true;
    watch.interrupt();
    Closing.await(
        nanos -> {
          TimeUnit.NANOSECONDS.timedJoin(watch, Math.max(1, nanos));
          return !watch.isAlive();
        });
    current.replace(null);
  }
}
