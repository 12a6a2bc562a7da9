package dev.millrace.serve;

import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.VectorBridge;
import dev.millrace.exchange.search.VectorPairs;
import dev.millrace.file.Reason;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The vectors that were kept of a live run's earlier encoders, in the indexes of {@code millrace
 * search}: what they are worth to the encoder that is served now, and what makes them worth more.
 * Either their pictures are embedded anew, beside the index that is there, or the encoder asks that
 * one over a {@link VectorBridge}. Works beside the process of the live run, and when that is down;
 * of several calls at once on one index all but one are refused. Computes on the calling thread.
 */
public final class KeptVectors {
  /** Of this recall on, a bridge is offered. */
  public static final double GOOD = 0.9;

  /** Pictures that are embedded to compare. */
  public static final int IMAGES = 2048;

  private final LiveFolder live;
  private final KeptEncoders encoders;
  private final Encoder.Options options;
  private final Rest rest;

  /** How a call lets others compute. */
  @FunctionalInterface
  public interface Rest {
    /**
     * Called after each batch of pictures.
     *
     * @param stop asked often; true ends it early
     */
    void take(BooleanSupplier stop);

    /** Called when a call begins, after which work counts. */
    default void begin() {}

    /** Rests never. */
    Rest NONE = stop -> {};

    /**
     * Works for a share of the time.
     *
     * @param share in (0, 1]
     */
    static Rest share(double share, InstantSource clock) {
      Require.flag(share > 0 && share <= 1, "--share", share + " is not in (0, 1]");
      return new SharedTime(share, clock);
    }
  }

  /**
   * @param options how the encoder computes; in the size and precision that the server computes in
   * @param rest taken between batches
   */
  public KeptVectors(LiveFolder live, InstantSource clock, Encoder.Options options, Rest rest) {
    this.live = live;
    this.options = options;
    this.rest = rest;
    encoders = KeptEncoders.of(live, clock);
  }

  /** The names of the kept indexes, ascending. */
  public List<String> names() throws IOException {
    return IndexVersions.all(live.run().search()).stream().map(IndexVersions::name).toList();
  }

  /**
   * How an index stands to the encoder that is served. Immutable.
   *
   * @param index its name
   * @param pictures in it
   * @param version that is served
   * @param served SHA-256 of that, hex
   * @param of SHA-256 of the encoder of its newest finished vectors, hex
   * @param current whether there are vectors of the version that is served
   */
  record Standing(
      String index, int pictures, int version, String served, String of, boolean current) {}

  /** What the files say of it; null where it is not finished or no encoder is served. */
  Standing standing(String name) throws IOException {
    Optional<EncoderVersion> served = encoders.served();
    IndexVersions versions = versions(name);
    IndexVersions.Finished source = served.isEmpty() ? null : versions.newest();
    if (source == null) {
      return null;
    }
    return new Standing(
        name,
        source.about().pictures(),
        served.get().version(),
        served.get().sha256(),
        source.about().encoder(),
        versions.ofEncoder(served.get().sha256()) != null);
  }

  /**
   * Measures what an index is worth; writes nothing.
   *
   * @param name of {@link #names}
   * @param data the set that it is of; none where the index knows that
   * @param images how many of its pictures are embedded for it, at most
   * @throws IllegalArgumentException if there is no such index, or it is not known of which set
   * @throws CancellationException if the listener asked to stop
   */
  public VectorWorth measure(
      String name, List<String> data, int images, PictureSearch.Listener listener)
      throws IOException {
    return measured(name, data, images, listener).worth();
  }

  /**
   * Measures a bridge, and keeps it: from now on {@code POST /search} goes over it, until there are
   * vectors of the version that is served.
   *
   * @param least recall below which it is not kept, and one that is there goes
   * @return {@link VectorWorth#bridged} says which
   */
  public VectorWorth bridge(
      String name, List<String> data, int images, double least, PictureSearch.Listener listener)
      throws IOException {
    WorthTrial.Measured found = measured(name, data, images, listener);
    VectorWorth worth = found.worth();
    if (worth.current()) {
      return worth;
    }
    Path file = versions(name).bridge(worth.version());
    if (Files.exists(file) && !VectorBridge.isBridge(file)) {
      throw UsageException.of(
          "--bridge", file + " is no bridge, and has the name of the one to be kept; rename it");
    }
    boolean good = found.bridge() != null && worth.bridge() >= least;
    if (good) {
      found.bridge().measured(worth.bridge()).write(file);
      versions(name).keepBridges(expected(encoders.serving()));
    } else {
      Files.deleteIfExists(file);
    }
    return worth.bridged(good);
  }

  /**
   * Embeds the pictures of an index anew, beside it. What is done is on disk within seconds, so
   * that after a stop or a kill an equal call goes on. Requests are answered as before until it is
   * finished, by it from then on. Versions that are neither served nor gone back to go then.
   *
   * @return pictures whose vectors this call computed
   * @throws CancellationException if the listener asked to stop
   */
  public int embed(String name, List<String> data, PictureSearch.Listener listener)
      throws IOException {
    IndexVersions versions = versions(name);
    EncoderVersion served = served();
    if (versions.ofEncoder(served.sha256()) != null) {
      return 0;
    }
    Path anew = versions.of(served.version());
    requireOurs(anew, name);
    IndexVersions.Finished source = source(versions);
    try (PictureSearch search = PictureSearch.open(request(versions, served, anew, data, source))) {
      search.prepare(rested(whileThere(source, listener)));
      versions.keep(expected(encoders.serving()), served.version());
      return search.computed();
    } finally {
      if (!Files.isDirectory(source.folder())) {
        Trees.delete(anew); // else pictures that were forgotten meanwhile would be in it
      }
    }
  }

  /** Ends when the index is deleted, as a {@code forget} does. */
  private static PictureSearch.Listener whileThere(
      IndexVersions.Finished source, PictureSearch.Listener listener) {
    return new PictureSearch.Listener() {
      @Override
      public void indexed(int pictures, int of, int bad) {
        listener.indexed(pictures, of, bad);
      }

      @Override
      public void joining() {
        listener.joining();
      }

      @Override
      public boolean stop() {
        return listener.stop() || !Files.isDirectory(source.folder());
      }
    };
  }

  /** Refuses an index that was not made as a version of this one, and one that cannot say. */
  private static void requireOurs(Path anew, String name) throws IOException {
    if (!Files.isDirectory(anew) || !PictureSearch.isIndex(anew)) {
      return;
    }
    boolean ours;
    try {
      ours = IndexVersions.isMarked(anew);
    } catch (IOException damaged) {
      // What it says of a rebuild would make it an index of its own: its mark is lost.
      throw UsageException.of(
          "--index",
          "%s, where the vectors of %s are to be, is damaged (%s); delete it, and give the command again"
              .formatted(
                  anew,
                  name,
                  Reason.whole(damaged.getCause() == null ? damaged : damaged.getCause())));
    }
    if (!ours) {
      throw UsageException.of(
          "--index",
          "%s is an index of its own, and its name is that of the vectors to be made of %s; rename it"
              .formatted(anew, name));
    }
  }

  private PictureSearch.Listener rested(PictureSearch.Listener listener) {
    rest.begin();
    return new PictureSearch.Listener() {
      @Override
      public void indexed(int pictures, int of, int bad) {
        listener.indexed(pictures, of, bad);
        rest.take(this::stop);
      }

      @Override
      public void joining() {
        listener.joining();
      }

      @Override
      public boolean stop() {
        return listener.stop();
      }
    };
  }

  private WorthTrial.Measured measured(
      String name, List<String> data, int images, PictureSearch.Listener listener)
      throws IOException {
    Require.flag(
        images >= WorthTrial.FEWEST, "--images", images + " is below " + WorthTrial.FEWEST);
    IndexVersions versions = versions(name);
    EncoderVersion served = served();
    Path current = versions.ofEncoder(served.sha256());
    if (current != null) {
      try (KeptIndex index = KeptIndex.open(current).orElseThrow()) {
        return WorthTrial.current(name, served.version(), index);
      }
    }
    IndexVersions.Finished source = source(versions);
    VectorPairs pairs =
        VectorPairs.of(
            request(versions, served, source.folder(), data, source), images, rested(listener));
    return WorthTrial.of(
        pairs,
        VectorWorth.of(
            name,
            served.version(),
            version(pairs.index()),
            source.about().pictures(),
            Files.isRegularFile(versions.bridge(served.version()))));
  }

  private PictureSearch.Request request(
      IndexVersions versions,
      EncoderVersion served,
      Path index,
      List<String> given,
      IndexVersions.Finished source)
      throws IOException {
    List<String> data = given.isEmpty() ? source.about().data() : given;
    if (data.isEmpty()) {
      throw UsageException.of(
          "--data",
          "is missing: the index %s does not know where its set lies; give the set that `millrace search` was given"
              .formatted(versions.name()));
    }
    encoders.requireWhole(served);
    return new PictureSearch.Request(
        encoders.file(served),
        data,
        index,
        false,
        options,
        Folders.of(source.about().layout()),
        index.getFileName().toString());
  }

  private IndexVersions versions(String name) throws IOException {
    List<IndexVersions> all = IndexVersions.all(live.run().search());
    return all.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                UsageException.of(
                    "--index",
                    all.isEmpty()
                        ? "%s has no kept index; make one with `millrace search %s --data SET`"
                            .formatted(live.root(), live.run().root())
                        : "there is no kept index %s; there is %s"
                            .formatted(
                                name,
                                String.join(
                                    ", ", all.stream().map(IndexVersions::name).toList()))));
  }

  private EncoderVersion served() throws IOException {
    Optional<EncoderVersion> served = encoders.served();
    return served.orElseThrow(
        () ->
            UsageException.ofWord(
                live.root()
                    + " serves no encoder yet; the first is there when a chunk is learned"));
  }

  private static IndexVersions.Finished source(IndexVersions versions) throws IOException {
    IndexVersions.Finished newest = versions.newest();
    if (newest == null) {
      throw UsageException.of(
          "--index",
          "%s is not finished; give the `millrace search` again that makes it"
              .formatted(versions.name()));
    }
    return newest;
  }

  private int version(String sha256) throws IOException {
    return encoders
        .newest(one -> one.sha256().equals(sha256))
        .map(EncoderVersion::version)
        .orElse(0);
  }

  /** Versions that are asked, or may be: the served one, and what a rollback goes back to. */
  private static Set<Integer> expected(Serving serving) {
    Set<Integer> all = new HashSet<>(List.of(serving.version()));
    List<Integer> before = serving.before();
    if (!before.isEmpty()) {
      all.add(before.get(before.size() - 1));
    }
    return all;
  }
}
