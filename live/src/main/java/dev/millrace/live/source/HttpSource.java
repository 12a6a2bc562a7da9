package dev.millrace.live.source;

import dev.millrace.file.HeldBytes;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.live.account.State;
import dev.millrace.stream.source.Catalogue;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.http.Context;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Pictures over HTTP: {@code PUT /pictures/ID} and {@code POST /pictures}, whose id is the checksum
 * of the bytes; {@code ?label=CLASS} says a class. A body of the type {@code application/x-tar}
 * holds many, whose ids are their names in it. A request is answered when its picture is on disk,
 * so whoever got no answer sends it again and gets {@code duplicate}. 201 for an accepted picture,
 * 200 for one that was left out, 422 for one in quarantine, 413 beyond the size, 429 with {@code
 * Retry-After} when the spool is full or too many wait, 507 while the disk is full.
 */
public final class HttpSource implements Source {
  private static final int WAITING = 512;

  /** So many bytes may be in memory, of all requests together; more for one that is larger. */
  private static final long MOST_HELD = 4 * Batch.ENOUGH_BYTES;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TAR = "application/x-tar";
  private static final int MOST_IN_TAR = 256;
  private static final long MOST_OF_TAR = Batch.ENOUGH_BYTES;

  /** A picture whose sender waits; null as its state says that there is no room. */
  private record Waiting(Arrival arrival, CompletableFuture<State> state) {}

  private final String name;
  private final HttpSettings settings;
  private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(WAITING);
  private final List<Waiting> polled = new ArrayList<>();
  private final HeldBytes held;
  private final Duration patience;
  private volatile boolean full;

  /** Why the disk takes nothing; empty where it does. */
  private volatile String noSpace = "";

  private Javalin server;

  /** Listens to nobody before {@link #open}. */
  public HttpSource(String name, HttpSettings settings) {
    this(
        name,
        settings,
        new HeldBytes(MOST_HELD, Math.max(MOST_OF_TAR, settings.maxBytes())),
        PATIENCE);
  }

  /**
   * One with bounds of its own.
   *
   * @param held what all requests hold
   * @param patience how long a sender waits for its picture to be on disk
   */
  HttpSource(String name, HttpSettings settings, HeldBytes held, Duration patience) {
    this.name = name;
    this.settings = settings;
    this.held = held;
    this.patience = patience;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(Memory memory) throws IOException {
    Javalin made = Javalin.create(this::configure);
    try {
      made.start(settings.host(), settings.port());
    } catch (RuntimeException e) {
      throw new IOException(
          "%s cannot be listened to: %s; give another port".formatted(name, e), e);
    }
    server = made;
  }

  /** The port that is listened to: the given one, or, for 0, one that was free. */
  public int port() {
    return server.port();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.maxRequestSize = settings.maxBytes();
    config.jetty.multipartConfig.maxTotalRequestSize(settings.maxBytes(), SizeUnit.BYTES);
    config.routes.after(this::heardOut);
    config.routes.error(404, this::heardOut); // where there is no path, nothing comes after
    config.routes.put("/pictures/{id}", request -> offer(request, request.pathParam("id")));
    config.routes.post("/pictures", request -> offer(request, null));
  }

  private void heardOut(Context request) {
    UnreadBody.hearOut(request, Math.max(MOST_OF_TAR, settings.maxBytes()));
  }

  private void offer(Context request, String id) throws InterruptedException {
    if (request.header("Origin") != null) {
      answer(request, 403, "refused", "a page of another site may send nothing here");
      return;
    }
    if (!settings.token().isEmpty() && !allowed(request.header("Authorization"))) {
      request.header("WWW-Authenticate", "Bearer");
      answer(request, 401, "refused", "send the header Authorization: Bearer TOKEN");
      return;
    }
    if (full) {
      refuse(request);
      return;
    }
    String type = String.valueOf(request.contentType()).split(";", 2)[0].strip();
    boolean tar = id == null && TAR.equalsIgnoreCase(type);
    List<Waiting> given = List.of();
    HeldBytes.Held mine = held.hold();
    try {
      given = tar ? inTar(request, mine) : List.of(one(request, id, mine));
      for (Waiting one : given) {
        if (full || !waiting.offer(one)) {
          one.state().complete(null);
        }
      }
      List<State> states = states(given);
      if (tar) {
        answerAll(request, given, states);
      } else {
        answerOne(request, given.get(0).arrival().key(), states.get(0));
      }
    } catch (ExecutionException | TimeoutException e) {
      answer(request, 503, "unknown", "it is not known to be on disk; send it again");
    } catch (HeldBytes.TooLargeException e) {
      answer(request, 413, "refused", Reason.of(e));
    } catch (HeldBytes.NoRoomException e) {
      noRoom(request);
    } catch (IOException e) {
      answer(request, 400, "refused", Reason.of(e));
    } finally {
      giveBack(given, mine);
    }
  }

  /** What nobody waits for goes from the queue; what is polled already counts until it is done. */
  private void giveBack(List<Waiting> given, HeldBytes.Held mine) {
    for (Waiting one : given) {
      if (!one.state().isDone() && waiting.remove(one)) {
        one.state().complete(null);
      }
    }
    CompletableFuture.allOf(given.stream().map(Waiting::state).toArray(CompletableFuture[]::new))
        .whenComplete((done, failure) -> mine.close());
  }

  private Waiting one(Context request, String id, HeldBytes.Held mine) throws IOException {
    long length = request.req().getContentLengthLong();
    byte[] bytes = mine.read(request.bodyInputStream(), length, settings.maxBytes());
    return waiting(request, id == null ? Sha256.of(bytes) : id, bytes);
  }

  private static Waiting waiting(Context request, String key, byte[] bytes) {
    Arrival arrival = new Arrival(key, bytes, request.queryParam("label"), null);
    return new Waiting(arrival, new CompletableFuture<>());
  }

  /** All files in a tar; none of them counts before the last is read. */
  private List<Waiting> inTar(Context request, HeldBytes.Held mine) throws IOException {
    // Read whole, so that long names and what is no file count as well.
    byte[] body =
        mine.read(request.bodyInputStream(), request.req().getContentLengthLong(), MOST_OF_TAR);
    List<Waiting> all = new ArrayList<>();
    TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(body));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (!entry.isFile() || Catalogue.isHidden(entry.getName())) {
        continue; // as sets and folders pass them over
      }
      if (entry.getSize() > settings.maxBytes()) {
        throw new HeldBytes.TooLargeException(
            "%s is above %d bytes".formatted(entry.getName(), settings.maxBytes()));
      }
      if (all.size() == MOST_IN_TAR) {
        throw new HeldBytes.TooLargeException(
            "a tar of more than %d pictures; send several".formatted(MOST_IN_TAR));
      }
      byte[] one = tar.readNBytes((int) entry.getSize());
      if (one.length < entry.getSize()) {
        throw new EOFException("the tar ends in the middle of " + entry.getName());
      }
      all.add(waiting(request, entry.getName(), one));
    }
    if (all.isEmpty()) {
      throw new IOException("the body is no tar with pictures in it");
    }
    return all;
  }

  /** What became of each, null where there was no room; waits until all are on disk. */
  private List<State> states(List<Waiting> given)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<State> states = new ArrayList<>();
    for (Waiting one : given) {
      states.add(one.state().get(patience.toMillis(), TimeUnit.MILLISECONDS));
    }
    return states;
  }

  private void answerOne(Context request, String key, State state) {
    if (state == null) {
      refuse(request);
    } else {
      answer(
          request,
          state == State.PENDING ? 201 : state == State.QUARANTINED ? 422 : 200,
          state.word(),
          key);
    }
  }

  /** What is sent again is a duplicate where it was taken, so a sender may send all again. */
  private void answerAll(Context request, List<Waiting> given, List<State> states) {
    boolean all = !states.contains(null);
    if (!all) {
      request.header("Retry-After", "1");
    }
    List<Map<String, String>> said = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      String word = states.get(i) == null ? "refused" : states.get(i).word();
      said.add(Map.of("id", given.get(i).arrival().key(), "state", word));
    }
    request.status(all ? 200 : noSpace.isEmpty() ? 429 : 507).json(Map.of("pictures", said));
  }

  private void refuse(Context request) {
    String why = noSpace;
    if (why.isEmpty()) {
      noRoom(request);
    } else {
      request.header("Retry-After", "10");
      answer(request, 507, "refused", why + "; send it again when there is room");
    }
  }

  private static void noRoom(Context request) {
    request.header("Retry-After", "1");
    answer(request, 429, "refused", "too much waits for being learned; send it again");
  }

  private boolean allowed(String header) {
    byte[] given = String.valueOf(header).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(
        given, ("Bearer " + settings.token()).getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(Context request, int code, String state, String words) {
    String said = code < 300 || code == 422 ? "id" : "reason";
    request.status(code).json(Map.of("state", state, said, words));
  }

  @Override
  public Batch poll(int most) {
    full = false;
    noSpace = "";
    polled.clear();
    long bytes = 0;
    while (polled.size() < most && bytes < Batch.ENOUGH_BYTES && !waiting.isEmpty()) {
      Waiting one = waiting.remove();
      polled.add(one);
      bytes += one.arrival().bytes().length;
    }
    return polled.isEmpty()
        ? Batch.none()
        : Batch.of(polled.stream().map(Waiting::arrival).toList(), null);
  }

  @Override
  public void committed(Batch batch, List<State> states) {
    for (int i = 0; i < states.size(); i++) {
      polled.get(i).state().complete(states.get(i));
    }
    polled.clear();
  }

  @Override
  public void full() {
    full = true;
    List<Waiting> all = new ArrayList<>();
    waiting.drainTo(all);
    all.forEach(one -> one.state().complete(null));
  }

  /** What is kept and committed later is a duplicate then when its sender sends it again. */
  @Override
  public void noSpace(String why) {
    noSpace = why;
    polled.forEach(one -> one.state().complete(null));
    full();
  }

  @Override
  public boolean drained() {
    return waiting.isEmpty();
  }

  @Override
  public void close() {
    full();
    if (server != null) {
      server.stop();
    }
  }
}
