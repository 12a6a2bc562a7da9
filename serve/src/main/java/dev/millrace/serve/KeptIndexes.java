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
import java.util.Map;
import java.util.stream.Stream;

/**
 * The indexes that {@code millrace search} has kept of a run or beside a file, for {@code POST
 * /search}. One is open at a time, and is opened anew when it has changed. Thread-safe.
 */
public final class KeptIndexes implements AutoCloseable {
  private final Path folder;
  private Path opened;
  private KeptIndex index;

  private KeptIndexes(Path folder) {
    this.folder = folder;
  }

  /** Those of a live run, of a plain one, or beside a file; there need be none. */
  public static KeptIndexes of(Path place) {
    LiveFolder live = LiveFolder.of(place);
    if (live.isLive() || Files.isDirectory(live.encoders())) {
      return new KeptIndexes(live.run().search());
    }
    if (Files.isDirectory(place)) {
      return new KeptIndexes(RunFolder.of(place).search());
    }
    return new KeptIndexes(place.resolveSibling(place.getFileName() + ".search"));
  }

  /**
   * The nearest pictures of an index.
   *
   * @param name of the index; null where there is only one
   * @param lease the encoder that made the vector
   * @param vector {@code [D]}; is changed
   * @param k how many at most
   * @throws GivenPictures.Refused 404 if there is no such index, 409 if it is of another encoder
   */
  synchronized Map<String, Object> nearest(String name, Takeover.Lease lease, float[] vector, int k)
      throws GivenPictures.Refused, IOException {
    Path asked = chosen(name, lease);
    open(asked);
    String difference = index.difference(lease.encoder());
    if (!difference.isEmpty()) {
      throw new GivenPictures.Refused(
          409,
          "the index %s is of another encoder: %s; make it anew with `%s --rebuild`"
              .formatted(asked.getFileName(), difference, command(lease, asked)));
    }
    List<Map<String, Object>> nearest = new ArrayList<>();
    for (Hit hit : index.nearest(vector, k)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", hit.path());
      one.put("part", hit.part());
      one.put("label", hit.label());
      one.put("score", hit.cosine());
      nearest.add(one);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("version", lease.found().version());
    answer.put("sha256", lease.found().sha256());
    answer.put("index", asked.getFileName().toString());
    answer.put("pictures", index.size());
    answer.put("nearest", nearest);
    return answer;
  }

  private void open(Path asked) throws IOException {
    if (index != null && (!asked.equals(opened) || !index.current())) {
      close();
    }
    if (index == null) {
      index = KeptIndex.open(asked);
      opened = asked;
    }
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
      throw new GivenPictures.Refused(
          404,
          "there is no index to search; make one with `%s`"
              .formatted(command(lease, folder.resolve("NAME"))));
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
  public synchronized void close() throws IOException {
    KeptIndex last = index;
    index = null;
    if (last != null) {
      last.close();
    }
  }
}
