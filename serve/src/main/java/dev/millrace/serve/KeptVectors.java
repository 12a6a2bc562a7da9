package dev.millrace.serve;

import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.Recall;
import dev.millrace.exchange.search.VectorBridge;
import dev.millrace.exchange.search.VectorPairs;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import dev.millrace.live.gate.VectorChange;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;

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

  private static final int NEAREST = 10;
  private static final int ASKING = 512;
  private static final int RECALL_QUERIES = 200;

  /** The fewest pictures that say anything: the ten nearest among as many others, and a fit. */
  private static final int FEWEST = 4 * NEAREST;

  /** The share of the pictures that only judge the bridge: one in so many. */
  private static final int JUDGES = 4;

  private final LiveFolder live;
  private final KeptEncoders encoders;
  private final Encoder.Options options;
  private final Rest rest;

  /** How a call lets others compute. */
  @FunctionalInterface
  public interface Rest {
    /** Called after each batch of pictures. */
    void take();

    /** Rests never. */
    Rest NONE = () -> {};

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
   * What a kept index is worth to the encoder that is served.
   *
   * @param index its name
   * @param version that is served
   * @param of the version that the index is of; 0 where no kept one has its checksum
   * @param pictures in the index
   * @param current whether there is one with vectors of the version that is served
   * @param recall of that one: of the ten nearest by exact search the share that its graph finds;
   *     NaN where there is none
   * @param change of the two encoders on pictures of the index; null where there is nothing to
   *     compare
   * @param fitted pictures that the bridge is fitted on
   * @param judged other pictures that it was measured on
   * @param bridge NaN where there is none to be measured; else of the ten nearest of each of these
   *     by vectors of the version that is served, the share that the bridge finds among the kept
   * @param bridged whether requests are answered over the bridge now
   */
  public record Worth(
      String index,
      int version,
      int of,
      int pictures,
      boolean current,
      double recall,
      VectorChange change,
      int fitted,
      int judged,
      double bridge,
      boolean bridged) {
    /** What to do about it: {@code none}, {@code bridge} or {@code embed}. */
    public String advice() {
      return current ? "none" : bridge >= GOOD ? "bridge" : "embed";
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
   * Measures what an index is worth; writes nothing.
   *
   * @param name of {@link #names}
   * @param data the set that it is of; none where the index knows that
   * @param images how many of its pictures are embedded for it, at most
   * @throws IllegalArgumentException if there is no such index, or it is not known of which set
   * @throws CancellationException if the listener asked to stop
   */
  public Worth measure(String name, List<String> data, int images, PictureSearch.Listener listener)
      throws IOException {
    return measured(name, data, images, listener).worth();
  }

  /**
   * Measures a bridge, and keeps it: from now on {@code POST /search} goes over it, until there are
   * vectors of the version that is served.
   *
   * @param least recall below which it is not kept, and one that is there goes
   * @return {@link Worth#bridged} says which
   */
  public Worth bridge(
      String name, List<String> data, int images, double least, PictureSearch.Listener listener)
      throws IOException {
    Measured found = measured(name, data, images, listener);
    Worth worth = found.worth();
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
    } else {
      Files.deleteIfExists(file);
    }
    return worth(worth, good);
  }

  private static Worth worth(Worth of, boolean bridged) {
    return new Worth(
        of.index(),
        of.version(),
        of.of(),
        of.pictures(),
        of.current(),
        of.recall(),
        of.change(),
        of.fitted(),
        of.judged(),
        of.bridge(),
        bridged);
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
    if (current(versions, served) != null) {
      return 0;
    }
    Path anew = versions.of(served.version());
    requireOurs(anew, name);
    try (PictureSearch search =
        PictureSearch.open(request(versions, served, anew, data, source(versions)))) {
      search.prepare(rested(listener));
      letGo(versions, encoders.serving());
      return search.computed();
    }
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
    return new PictureSearch.Listener() {
      @Override
      public void indexed(int pictures, int of, int bad) {
        listener.indexed(pictures, of, bad);
        rest.take();
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

  /** What an index says of itself, and where it lies. */
  private record Source(Path folder, KeptIndex.About about) {}

  private record Measured(Worth worth, VectorBridge bridge) {}

  private Measured measured(
      String name, List<String> data, int images, PictureSearch.Listener listener)
      throws IOException {
    Require.flag(images >= FEWEST, "--images", images + " is below " + FEWEST);
    IndexVersions versions = versions(name);
    EncoderVersion served = served();
    Path current = current(versions, served);
    if (current != null) {
      try (KeptIndex index = KeptIndex.open(current).orElseThrow()) {
        Recall recall = index.recall(RECALL_QUERIES);
        return new Measured(
            new Worth(
                name,
                served.version(),
                served.version(),
                index.size(),
                true,
                recall.value(),
                null,
                0,
                0,
                Double.NaN,
                false),
            null);
      }
    }
    Source source = source(versions);
    VectorPairs pairs =
        VectorPairs.of(
            request(versions, served, source.folder(), data, source), images, rested(listener));
    int n = pairs.asked().length;
    boolean bridged = Files.isRegularFile(versions.bridge(served.version()));
    if (n < FEWEST) {
      return new Measured(
          new Worth(
              name,
              served.version(),
              version(pairs.index()),
              source.about().pictures(),
              false,
              Double.NaN,
              null,
              0,
              n,
              Double.NaN,
              bridged),
          null);
    }
    int judges = Math.min(ASKING, Math.max(NEAREST + 1, n / JUDGES));
    // Spread over the set, as both halves are: every so-and-so-many-th one judges.
    boolean[] judge = new boolean[n];
    for (int i = 0; i < judges; i++) {
      judge[(int) ((i + 0.5) * n / judges)] = true;
    }
    VectorBridge bridge =
        VectorBridge.fit(
            pairs.encoder(),
            pairs.index(),
            rows(pairs.asked(), judge, false),
            rows(pairs.kept(), judge, false));
    float[][] asked = rows(pairs.asked(), judge, true);
    float[][] kept = rows(pairs.kept(), judge, true);
    return new Measured(
        new Worth(
            name,
            served.version(),
            version(pairs.index()),
            source.about().pictures(),
            false,
            Double.NaN,
            VectorChange.of(matrix(pairs.kept()), matrix(pairs.asked())),
            n - asked.length,
            asked.length,
            bridge.recall(asked, kept, NEAREST),
            bridged),
        bridge);
  }

  private static float[][] rows(float[][] all, boolean[] judge, boolean judging) {
    return java.util.stream.IntStream.range(0, all.length)
        .filter(i -> judge[i] == judging)
        .mapToObj(i -> all[i])
        .toArray(float[][]::new);
  }

  private static FeatureMatrix matrix(float[][] rows) {
    int d = rows[0].length;
    float[] values = new float[rows.length * d];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, values, i * d, d);
    }
    return new FeatureMatrix(values, rows.length, d, new int[rows.length]);
  }

  private PictureSearch.Request request(
      IndexVersions versions, EncoderVersion served, Path index, List<String> given, Source source)
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

  /** The finished index with vectors of a version; null for none. */
  private static Path current(IndexVersions versions, EncoderVersion served) throws IOException {
    for (Path one : versions.folders()) {
      Optional<KeptIndex.About> about = KeptIndex.about(one);
      if (about.isPresent() && about.get().encoder().equals(served.sha256())) {
        return one;
      }
    }
    return null;
  }

  /** The newest finished version that there is, else the one that was made first. */
  private static Source source(IndexVersions versions) throws IOException {
    List<Path> all = new java.util.ArrayList<>(versions.folders());
    if (all.size() > 1 && all.get(0).equals(versions.own())) {
      all.add(all.remove(0)); // behind those that came later
    }
    for (Path one : all) {
      Optional<KeptIndex.About> about = KeptIndex.about(one);
      if (about.isPresent()) {
        return new Source(one, about.get());
      }
    }
    throw UsageException.of(
        "--index",
        "%s is not finished; give the `millrace search` again that makes it"
            .formatted(versions.name()));
  }

  private int version(String sha256) throws IOException {
    return encoders.all().stream()
        .filter(one -> one.sha256().equals(sha256))
        .mapToInt(EncoderVersion::version)
        .max()
        .orElse(0);
  }

  /** Versions of an index that nothing is to be expected of any more. */
  private static void letGo(IndexVersions versions, Serving serving) throws IOException {
    Set<Integer> stay = new HashSet<>(List.of(serving.version()));
    List<Integer> before = serving.before();
    if (!before.isEmpty()) {
      stay.add(before.get(before.size() - 1)); // what a rollback goes back to
    }
    for (Path left : versions.removed()) {
      Trees.delete(left);
    }
    for (Map.Entry<Integer, Path> one : versions.versions().entrySet()) {
      if (!stay.contains(one.getKey())) {
        Path gone = IndexVersions.removing(one.getValue());
        AtomicFiles.move(one.getValue(), gone); // whoever has it open keeps its files
        Trees.delete(gone);
      }
    }
    for (Map.Entry<Integer, Path> one : versions.bridges().entrySet()) {
      if (!stay.contains(one.getKey()) || one.getKey() == serving.version()) {
        Files.deleteIfExists(one.getValue());
      }
    }
  }

  /** For programs. */
  public static Map<String, Object> json(Worth worth) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("index", worth.index());
    json.put("pictures", worth.pictures());
    json.put("version", worth.version());
    json.put("index_version", worth.of() == 0 ? null : worth.of());
    json.put("recall", number(worth.recall()));
    json.put("cka", worth.change() == null ? null : number(worth.change().cka()));
    json.put("neighbours_kept", worth.change() == null ? null : worth.change().overlap());
    json.put("bridge_recall", number(worth.bridge()));
    json.put("bridge_fitted", worth.fitted());
    json.put("bridge_judged", worth.judged());
    json.put("bridged", worth.bridged());
    json.put("advice", worth.advice());
    return json;
  }

  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
