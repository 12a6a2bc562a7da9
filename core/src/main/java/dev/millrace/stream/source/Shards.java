package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets whose labels lie beside the pictures and not in folders' names: WebDataset's tars, Parquet
 * files with a column of pictures, and lists of pictures ({@link Manifest}). One file is a set, or
 * a folder of files of one kind. Pictures are in the order of the files' names, then as they lie.
 */
final class Shards {
  private static final Logger LOG = LoggerFactory.getLogger(Shards.class);

  private final String name;

  /** Where the set is. */
  private final String top;

  private final ShardFiles.Form form;
  private final BooleanSupplier stop;
  private final TreeMap<String, Origin> files;
  private final ShardTally tally = new ShardTally();
  private final NameSet names = new NameSet();

  private Shards(String name, ShardFiles found, ShardFiles.Form form, BooleanSupplier stop)
      throws IOException {
    this.name = name;
    this.top = found.top();
    this.form = form;
    this.stop = stop;
    files = found.shards(form);
    found.leaveOut(form, tally);
  }

  /**
   * Opens a set of shards or a list of pictures.
   *
   * @param name what the set is called
   * @param cache where indexes are kept and compressed shards unpacked
   * @param folders whether archives with classes beside their pictures, or beside tables of
   *     pictures, are shards, and whether nothing else is
   * @return null if it is none, but a folder or archive whose folders mean something
   * @throws IllegalArgumentException if it is one and cannot be understood
   */
  static DataSet open(Path place, String name, Path cache, Folders folders, BooleanSupplier stop)
      throws IOException {
    if (!Files.isDirectory(place) && Manifest.is(place)) {
      return Manifest.open(place, name, cache, stop);
    }
    boolean required = folders == Folders.SHARDS;
    ShardFiles found = ShardFiles.in(place, cache, required, stop);
    ShardFiles.Form form = required ? found.required("--layout") : found.form();
    return form == null || found.archives() && folders != Folders.AUTO && !required
        ? null
        : new Shards(name, found, form, stop).dataSet(cache);
  }

  /**
   * Opens shards or a list that lie on another machine.
   *
   * @param place one of them, or what their places begin with
   * @throws IllegalArgumentException if there are none
   */
  static DataSet remote(String place, String name, Path cache, BooleanSupplier stop)
      throws IOException {
    RemoteBlocks.in(cache); // what is wrong with it is no fault of a picture that is read later
    List<RemoteStore.Found> all = RemoteStore.of(place).list(place);
    String folder = place.replaceAll("/+$", "");
    if (all.size() == 1 && all.get(0).place().equals(folder) && Manifest.is(name(folder))) {
      return Manifest.open(Origin.of(all.get(0)), name, cache, stop);
    }
    ShardFiles found = ShardFiles.of(folder, all, cache);
    return new Shards(name, found, found.required("--data"), stop).dataSet(cache);
  }

  private static String name(String place) {
    return place.substring(place.lastIndexOf('/') + 1);
  }

  /** Whether a file or folder is one of shards that could also be read by its folders. */
  static boolean mayBeFolders(Path place) throws IOException {
    ShardFiles found = ShardFiles.in(place, null, false, () -> false);
    return found.archives() && found.form() != null;
  }

  private DataSet dataSet(Path cache) throws IOException {
    List<Origin> origins = List.copyOf(files.values());
    String key = "shards 2 " + form + " " + top;
    PackedFile kept = KeptIndex.find(cache, name, key, origins);
    if (kept == null) {
      try (CacheTurn turn = CacheTurn.take(cache, "listing " + key, stop)) {
        kept = KeptIndex.find(cache, name, key, origins);
        kept = kept == null ? made(cache, key, origins) : kept;
      }
    }
    DataSet set = kept.dataSet(name);
    set.about().notes().forEach(note -> LOG.warn("{}: {}", name, note));
    set.leftOut().lines().forEach(line -> LOG.info("{}: left out {}", name, line));
    return set;
  }

  /**
   * Lists all shards, several at a time.
   *
   * @param origins as they were before
   */
  private PackedFile made(Path cache, String key, List<Origin> origins) throws IOException {
    if (origins.size() > PackedFile.MOST_ORIGINS) {
      throw PackedWriter.tooMany(origins.size());
    }
    List<OneShard> shards = new ArrayList<>();
    boolean parts = parts().size() > 1;
    Iterator<Origin> before = origins.iterator();
    for (String path : files.keySet()) {
      Part part = parts ? part(path) : null;
      shards.add(
          new OneShard(form, before.next(), front(path), part == null ? Part.TRAIN : part, cache));
    }
    try (PackedWriter writer = new PackedWriter(cache)) {
      if (!ManyShards.pays(shards)) {
        for (OneShard shard : shards) {
          shard.add(names, writer, tally, stop);
        }
      } else {
        ManyShards.each(shards, stop, (shard, listed) -> add(shard, listed, writer));
      }
      if (tally.pictures() == 0) {
        throw UsageException.ofWord(
            name + " has no pictures in its shards" + tally.instead() + "; give shards with some");
      }
      String layout =
          form == ShardFiles.Form.TAR
              ? "WebDataset: KEY.jpg with KEY.cls or KEY.json"
              : "Parquet: image, label";
      PackedFile made = writer.write(name, key, tally.about(layout), tally.leftOut.done());
      OneShard.forget(shards, cache);
      return made;
    }
  }

  /** Adds a shard that was listed by itself. */
  private void add(OneShard shard, PackedFile listed, PackedWriter writer) throws IOException {
    PackedFile.Head head = listed.head();
    int origin = writer.origin(head.origins().get(0));
    int row = 0;
    for (Part part : Part.values()) {
      for (int i = 0; i < head.parts().get(part.ordinal()); i++, row++) {
        String id = listed.name(row);
        if (!names.add(id)) {
          throw shard.twice(id);
        }
        int label = listed.label(row);
        int domain = listed.domain(row);
        String of = label == Image.NONE ? null : head.classes().get(label);
        tally.picture(id, of);
        writer.add(
            part,
            id,
            of,
            domain == Image.NONE ? null : head.domains().get(domain),
            origin,
            listed.at(row),
            listed.size(row));
      }
    }
    tally.beside(head);
  }

  /** The parts that shards' names mean. */
  private Set<Part> parts() {
    EnumSet<Part> parts = EnumSet.noneOf(Part.class);
    for (String path : files.keySet()) {
      Part part = part(path);
      parts.add(part == null ? Part.TRAIN : part);
    }
    return parts;
  }

  private static Part part(String path) {
    for (String step : path.split("/")) {
      Part part = Part.within(step);
      if (part != null) {
        return part;
      }
    }
    return null;
  }

  /** {@code train-0003/} before the names of a folder's shard, nothing before those of a file. */
  private static String front(String path) {
    return path.isEmpty() ? "" : path.replaceAll("(?i)\\.(tar|parquet)$", "") + "/";
  }
}
