package dev.millrace.serve;

import dev.millrace.exchange.search.Hit;
import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.VectorBridge;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The indexes that {@code millrace search} has kept of a run or beside a file, for {@code POST
 * /search}. A vector only meets those of its own encoder: of an index that there is in several
 * versions, that of the encoder which asks is taken, and where there is none, one that a {@link
 * VectorBridge} leads to. One is open at a time; a newer state of it takes its place when that is
 * finished, and searches under way end with the one they began with. Thread-safe.
 */
public final class KeptIndexes implements AutoCloseable {
  private final Path folder;
  private final Path live;
  private final Object opening = new Object();
  private final Handover<Opened, IOException> current =
      new Handover<>(opened -> opened.index().close());

  /**
   * What is asked.
   *
   * @param name of the index, whichever version it is of
   * @param bridge null where the index is of the encoder that asks
   */
  private record Opened(String name, Path path, KeptIndex index, Bridge bridge) {}

  /** A bridge, and when its file was written. */
  private record Bridge(VectorBridge map, FileTime written) {}

  /** The index for one request, which closes it at its end. */
  final class Lease implements AutoCloseable {
    private final Handover<Opened, IOException>.Use use;

    private Lease(Handover<Opened, IOException>.Use use) {
      this.use = use;
    }

    /**
     * The nearest pictures.
     *
     * @param found which encoder made the vector
     * @param vector {@code [D]}; is changed
     * @param k how many at most
     */
    Map<String, Object> nearest(Publication.Found found, float[] vector, int k) throws IOException {
      Opened opened = use.thing();
      VectorBridge bridge = opened.bridge() == null ? null : opened.bridge().map();
      List<Map<String, Object>> nearest = new ArrayList<>();
      for (Hit hit : opened.index().nearest(bridge == null ? vector : bridge.map(vector), k)) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", hit.path());
        one.put("part", hit.part());
        one.put("label", hit.label());
        one.put("score", hit.cosine());
        nearest.add(one);
      }
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("version", found.version());
      answer.put("sha256", found.sha256());
      answer.put("index", opened.path().getFileName().toString());
      answer.put("index_sha256", opened.index().encoderSha256());
      answer.put("bridge_recall", bridge == null ? null : bridge.recall());
      answer.put("pictures", opened.index().size());
      answer.put("nearest", nearest);
      return answer;
    }

    @Override
    public void close() throws IOException {
      use.end();
    }
  }

  private KeptIndexes(Path folder, Path live) {
    this.folder = folder;
    this.live = live;
  }

  /** Those of a live run, of a plain one, or beside a file; there need be none. */
  public static KeptIndexes of(Path place) {
    LiveFolder live = LiveFolder.of(place);
    if (live.hasEncoders()) {
      return new KeptIndexes(live.run().search(), place);
    }
    if (Files.isDirectory(place)) {
      return new KeptIndexes(RunFolder.of(place).search(), null);
    }
    return new KeptIndexes(place.resolveSibling(place.getFileName() + ".search"), null);
  }

  /**
   * An index to ask by an encoder's vectors. Opening one reads all of it, so this may take a while.
   *
   * @param name of the index; null where there is only one
   * @param encoder that will ask
   * @return the caller's to close
   * @throws GivenPictures.Refused 404 if there is no such index, 409 if its vectors cannot be
   *     compared with the encoder's, 503 while it is being made
   */
  Lease lease(String name, Takeover.Lease encoder) throws GivenPictures.Refused, IOException {
    IndexVersions asked = chosen(name, encoder);
    synchronized (opening) {
      Opened opened = current.now();
      boolean fits =
          opened != null
              && opened.name().equals(asked.name())
              && opened.index().current()
              && opened.bridge() == null
              && opened.index().about().difference(encoder.encoder()).isEmpty();
      if (!fits) {
        opened = open(asked, encoder, opened);
      }
      return current
          .use()
          .map(Lease::new)
          .orElseThrow(() -> new IllegalStateException("the server is closed"));
    }
  }

  /** Opens what the encoder may ask, unless that is open already. */
  private Opened open(IndexVersions asked, Takeover.Lease encoder, Opened opened)
      throws GivenPictures.Refused, IOException {
    boolean mine = opened != null && opened.name().equals(asked.name());
    Opened found = find(asked, encoder, mine ? opened : null);
    if (found == null) {
      throw refusal(asked, encoder);
    }
    if (found != opened) {
      current.replace(found);
    }
    return found;
  }

  /** What the encoder may ask: of its own version, else over a bridge; null for nothing. */
  private static Opened find(IndexVersions asked, Takeover.Lease encoder, Opened opened)
      throws IOException {
    Opened direct = of(about -> about.difference(encoder.encoder()).isEmpty(), null, asked, opened);
    if (direct != null) {
      return direct;
    }
    Path file = asked.bridge(encoder.found().version());
    if (!Files.isRegularFile(file)) {
      return null;
    }
    FileTime written = Files.getLastModifiedTime(file);
    Bridge bridge =
        opened != null && opened.bridge() != null && opened.bridge().written().equals(written)
            ? opened.bridge()
            : new Bridge(VectorBridge.read(file), written);
    if (!bridge.map().from().equals(encoder.encoder().sha256())) {
      return null; // of a version that had this number elsewhere
    }
    return of(
        about ->
            about.encoder().equals(bridge.map().to())
                && about.precision().equals(precision(encoder)),
        bridge,
        asked,
        opened);
  }

  /** The finished version that may be asked; null for none, and then none was opened. */
  private static Opened of(
      Predicate<KeptIndex.About> fits, Bridge bridge, IndexVersions asked, Opened opened)
      throws IOException {
    for (Path one : asked.folders()) {
      boolean same = opened != null && opened.path().equals(one);
      if (same && fits.test(opened.index().about())) {
        boolean ours = opened.bridge() == bridge;
        // While it is kept up or made anew, its last finished state answers.
        boolean newer = !opened.index().current() && KeptIndex.about(one).isPresent();
        if (ours && !newer) {
          return opened;
        }
      }
      Optional<KeptIndex.About> about = KeptIndex.about(one);
      if (about.isPresent() && fits.test(about.get())) {
        Optional<KeptIndex> index = KeptIndex.open(one);
        if (index.isPresent() && fits.test(index.get().about())) {
          return new Opened(asked.name(), one, index.get(), bridge);
        }
        if (index.isPresent()) {
          index.get().close();
        }
      }
    }
    return null;
  }

  /** Why no version of an index can be asked by the encoder. */
  private GivenPictures.Refused refusal(IndexVersions asked, Takeover.Lease lease)
      throws IOException {
    List<Path> all = asked.folders();
    Path path = all.isEmpty() ? asked.own() : all.get(0);
    // Its head says why: reading all of it would keep searches that can be answered waiting.
    Optional<KeptIndex.About> about = all.isEmpty() ? Optional.empty() : KeptIndex.about(path);
    if (about.isEmpty()) {
      return new GivenPictures.Refused(
          503,
          "the index %s is not finished: ask again when the `millrace search` that makes it has ended, or give that again"
              .formatted(path.getFileName()));
    }
    KeptIndex.About index = about.get();
    String kept = index.precision();
    String served = precision(lease);
    if (!served.equals(kept)) {
      return new GivenPictures.Refused(
          409,
          "the index %s has vectors in %s, and this server computes in %s: serve with --precision %s"
              .formatted(path.getFileName(), kept, served, kept));
    }
    return new GivenPictures.Refused(
        409,
        "the index %s is of another encoder: %s; %s"
            .formatted(
                path.getFileName(),
                index.difference(lease.encoder()),
                (live == null
                        ? ""
                        : "bring it to this one with `millrace live vectors %s --embed`, or "
                            .formatted(ShellWords.of(live)))
                    + "make it anew with `%s --rebuild`".formatted(command(lease, path))));
  }

  private static String precision(Takeover.Lease lease) {
    return lease.encoder().options().precision().name().toLowerCase(Locale.ROOT);
  }

  /** Of those that are there, so that no name leads elsewhere. */
  private IndexVersions chosen(String name, Takeover.Lease lease)
      throws GivenPictures.Refused, IOException {
    List<IndexVersions> all = IndexVersions.all(folder);
    if (all.isEmpty()) {
      synchronized (opening) {
        current.replace(null); // it may have been removed on purpose
      }
      throw new GivenPictures.Refused(
          404,
          "there is no index to search; make one with `%s`"
                  .formatted(command(lease, folder.resolve("NAME")))
              + (precision(lease).equals("fp32") ? "" : ", and serve with --precision fp32"));
    }
    List<String> names = all.stream().map(IndexVersions::name).toList();
    if (name == null && all.size() > 1 || name != null && !names.contains(name)) {
      throw new GivenPictures.Refused(
          404,
          (name == null ? "there are several indexes" : "there is no index of this name")
              + "; choose one with ?index=NAME: "
              + String.join(", ", names));
    }
    return name == null ? all.get(0) : all.get(names.indexOf(name));
  }

  private static String command(Takeover.Lease lease, Path index) {
    return "millrace search %s --data SET --query FILE"
        .formatted(ShellWords.of("--weights", lease.found().file(), "--index", index));
  }

  @Override
  public void close() throws IOException {
    current.replace(null);
  }
}
