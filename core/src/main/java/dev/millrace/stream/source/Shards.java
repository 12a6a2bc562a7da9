package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    String key = "shards 1 " + form + " " + top;
    PackedFile kept = KeptIndex.find(cache, name, key, origins);
    if (kept == null) {
      kept = made(cache, key, origins);
    }
    DataSet set = kept.dataSet(name);
    set.about().notes().forEach(note -> LOG.warn("{}: {}", name, note));
    set.leftOut().lines().forEach(line -> LOG.info("{}: left out {}", name, line));
    return set;
  }

  /**
   * Lists all shards.
   *
   * @param origins as they were before
   */
  private PackedFile made(Path cache, String key, List<Origin> origins) throws IOException {
    try (PackedWriter writer = new PackedWriter(cache)) {
      boolean parts = parts().size() > 1;
      Iterator<Origin> before = origins.iterator();
      for (String path : files.keySet()) {
        Part part = parts ? part(path) : null;
        add(before.next(), front(path), part == null ? Part.TRAIN : part, writer, cache);
      }
      if (tally.pictures() == 0) {
        throw UsageException.ofWord(name + " has no pictures in its shards; give shards with some");
      }
      String layout =
          form == ShardFiles.Form.TAR
              ? "WebDataset: KEY.jpg with KEY.cls or KEY.json"
              : "Parquet: image, label";
      return writer.write(name, key, tally.about(layout), tally.leftOut.done());
    }
  }

  private void add(Origin before, String front, Part part, PackedWriter writer, Path cache)
      throws IOException {
    Listing.heed(stop);
    String file = before.file();
    try {
      if (form == ShardFiles.Form.PARQUET) {
        ParquetShard.add(before, front, part, names, writer, tally, cache, stop);
        return;
      }
      try (OpenShard open = OpenShard.of(before, cache)) {
        int origin = writer.origin(before);
        TarShard shard = new TarShard(file, front, part, origin, names, writer, tally, stop);
        Tar.list(open.source(), open.size(), file, shard);
        shard.flush();
      }
    } catch (SourceException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, dev.millrace.file.Reason.of(e), e);
    } catch (IndexOutOfBoundsException
        | NullPointerException
        | NegativeArraySizeException
        | ArithmeticException
        | StackOverflowError e) {
      throw unreadable(file, "what it says of itself cannot be", e);
    }
  }

  private static IOException unreadable(String file, String why, Throwable e) {
    return new IOException(
        "%s cannot be read as a shard: %s; is it complete?".formatted(file, why), e);
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
