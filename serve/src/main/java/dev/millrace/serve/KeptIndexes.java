package dev.millrace.serve;

import dev.millrace.exchange.search.Hit;
import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.ShellWords;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.LiveFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The indexes that {@code millrace search} has kept of a run or beside a file, for {@code POST
 * /search}. One is open at a time; a newer state of it takes its place when that is finished, and
 * searches under way end with the one they began with. Thread-safe.
 */
public final class KeptIndexes implements AutoCloseable {
  private final Path folder;
  private final Object opening = new Object();
  private final Handover<Opened, IOException> current =
      new Handover<>(opened -> opened.index().close());

  private record Opened(Path path, KeptIndex index) {}

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
      List<Map<String, Object>> nearest = new ArrayList<>();
      for (Hit hit : opened.index().nearest(vector, k)) {
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
      answer.put("pictures", opened.index().size());
      answer.put("nearest", nearest);
      return answer;
    }

    @Override
    public void close() throws IOException {
      use.end();
    }
  }

  private KeptIndexes(Path folder) {
    this.folder = folder;
  }

  /** Those of a live run, of a plain one, or beside a file; there need be none. */
  public static KeptIndexes of(Path place) {
    LiveFolder live = LiveFolder.of(place);
    if (live.hasEncoders()) {
      return new KeptIndexes(live.run().search());
    }
    if (Files.isDirectory(place)) {
      return new KeptIndexes(RunFolder.of(place).search());
    }
    return new KeptIndexes(place.resolveSibling(place.getFileName() + ".search"));
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
    Path asked = chosen(name, encoder);
    synchronized (opening) {
      Opened opened = current.now();
      if (opened == null || !opened.path().equals(asked) || !opened.index().current()) {
        KeptIndex fresh = KeptIndex.open(asked).orElse(null);
        if (fresh != null) {
          opened = new Opened(asked, fresh);
          current.replace(opened);
        } else if (opened == null || !opened.path().equals(asked)) {
          throw beingMade(asked);
        }
      }
      requireComparable(opened, encoder);
      return current
          .use()
          .map(Lease::new)
          .orElseThrow(() -> new IllegalStateException("the server is closed"));
    }
  }

  private static GivenPictures.Refused beingMade(Path asked) {
    return new GivenPictures.Refused(
        503,
        "the index %s is not finished: ask again when the `millrace search` that makes it has ended, or give that again"
            .formatted(asked.getFileName()));
  }

  private static void requireComparable(Opened opened, Takeover.Lease lease)
      throws GivenPictures.Refused, IOException {
    String kept = opened.index().precision();
    String served = precision(lease);
    if (!served.equals(kept)) {
      throw new GivenPictures.Refused(
          409,
          "the index %s has vectors in %s, and this server computes in %s: serve with --precision %s"
              .formatted(opened.path().getFileName(), kept, served, kept));
    }
    String difference = opened.index().difference(lease.encoder());
    if (difference.isEmpty()) {
      return;
    }
    if (!opened.index().current()) {
      throw beingMade(opened.path());
    }
    throw new GivenPictures.Refused(
        409,
        "the index %s is of another encoder: %s; make it anew with `%s --rebuild`"
            .formatted(opened.path().getFileName(), difference, command(lease, opened.path())));
  }

  private static String precision(Takeover.Lease lease) {
    return lease.encoder().options().precision().name().toLowerCase(Locale.ROOT);
  }

  /** Of those that are there, so that no name leads elsewhere. */
  private Path chosen(String name, Takeover.Lease lease) throws GivenPictures.Refused, IOException {
    List<Path> all = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path one : inside.filter(Files::isDirectory).sorted().toList()) {
          if (PictureSearch.isIndex(one)) {
            all.add(one);
          }
        }
      }
    }
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
    List<String> names = all.stream().map(one -> one.getFileName().toString()).toList();
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
