package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  /** {@code train/} or {@code data/train/} may stand around shards. */
  private static final int DEPTH = 3;

  private enum Form {
    TAR,
    PARQUET
  }

  private final String name;

  /** Where the set is. */
  private final String top;

  private final Form form;

  /** Whether it holds archives, which may be read without what lies beside their pictures. */
  private final boolean archives;

  private final BooleanSupplier stop;
  private final TreeMap<String, Origin> files = new TreeMap<>();
  private final ShardTally tally = new ShardTally();
  private final NameSet names = new NameSet();

  private Shards(String name, String top, Form form, boolean archives, BooleanSupplier stop) {
    this.name = name;
    this.top = top;
    this.form = form;
    this.archives = archives;
    this.stop = stop;
  }

  /**
   * Opens a set of shards or a list of pictures.
   *
   * @param name what the set is called
   * @param cache where indexes are kept and compressed shards unpacked
   * @param shards whether archives with classes beside their pictures, or beside tables of
   *     pictures, are shards; else they are read by their folders
   * @return null if it is none, but a folder or archive whose folders mean something
   * @throws IllegalArgumentException if it is one and cannot be understood
   */
  static DataSet open(Path place, String name, Path cache, boolean shards, BooleanSupplier stop)
      throws IOException {
    if (!Files.isDirectory(place) && Manifest.is(place)) {
      return Manifest.open(place, name, cache, stop);
    }
    Shards found = found(place, name, stop);
    return found == null || found.archives && !shards ? null : found.dataSet(cache);
  }

  /**
   * Opens shards or a list that lie on another machine.
   *
   * @param place one of them, or what their places begin with
   * @throws IllegalArgumentException if there are none
   */
  static DataSet remote(String place, String name, Path cache, BooleanSupplier stop)
      throws IOException {
    List<RemoteStore.Found> found = RemoteStore.of(place).list(place);
    String folder = place.replaceAll("/+$", "");
    boolean one = found.size() == 1 && found.get(0).place().equals(folder);
    if (one && Manifest.is(Origin.of(found.get(0)).name())) {
      return Manifest.open(Origin.of(found.get(0)), name, cache, stop);
    }
    TreeMap<String, Origin> tars = new TreeMap<>();
    TreeMap<String, Origin> tables = new TreeMap<>();
    List<String> others = new ArrayList<>();
    for (RemoteStore.Found file : found) {
      Origin origin = Origin.of(file);
      Form form = form(origin.name());
      String path = one ? "" : SetPath.normal(file.place().substring(folder.length() + 1));
      if (form == null || Listing.hidden(path)) {
        others.add(path);
      } else {
        (form == Form.TAR ? tars : tables).put(path, origin);
      }
    }
    if (tars.isEmpty() && tables.isEmpty()) {
      throw UsageException.of(
          "--data",
          "%s %s, expected .tar or .parquet files with pictures, or a list (.csv, .tsv, .jsonl)"
              .formatted(
                  place,
                  found.isEmpty()
                      ? "is not there"
                      : "has %d files, none of them such".formatted(found.size())));
    }
    if (tars.keySet().stream().anyMatch(path -> !path.isEmpty() && !path.endsWith(".tar"))
        || one && tables.isEmpty() && !folder.endsWith(".tar")) {
      throw UsageException.of(
          "--data",
          "%s has compressed tars, expected plain ones, whose pictures can be read where they lie; pack them anew"
              .formatted(place));
    }
    boolean parquet = !tables.isEmpty();
    Shards shards = new Shards(name, folder, parquet ? Form.PARQUET : Form.TAR, false, stop);
    shards.files.putAll(parquet ? tables : tars);
    if (parquet) {
      tars.keySet().forEach(shards.tally::other);
    }
    others.forEach(shards.tally::other);
    return shards.dataSet(cache);
  }

  private static String absolute(Path place) {
    return place.toAbsolutePath().normalize().toString();
  }

  /** Whether a file or folder is one of shards that could also be read by its folders. */
  static boolean mayBeFolders(Path place) throws IOException {
    Shards shards = found(place, "", () -> false);
    return shards != null && shards.archives;
  }

  /** Whether a file without the ending of a picture, tar or table may hold some all the same. */
  private static boolean mayHoldPictures(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return Archive.named(path)
        || name.matches(".*\\.(bin|gz)") // as CIFAR's and MNIST's
        || OtherFiles.worthALook(path) && !name.matches("licen[cs]e|readme|notice|authors|copying");
  }

  private static Shards found(Path place, String name, BooleanSupplier stop) throws IOException {
    if (!Files.isDirectory(place)) {
      Form form = form(place);
      if (form == null || form == Form.TAR && !isShard(place)) {
        return null;
      }
      Shards shards = new Shards(name, absolute(place), form, form == Form.TAR, stop);
      shards.files.put("", Origin.of(Origin.Form.PLAIN, place));
      return shards;
    }
    TreeMap<String, Path> tars = new TreeMap<>();
    TreeMap<String, Path> tables = new TreeMap<>();
    List<String> others = new ArrayList<>();
    List<String> hidden = new ArrayList<>();
    if (!walk(place, tars, tables, others, hidden, stop)) {
      return null;
    }
    boolean archives = !tars.isEmpty() || others.stream().anyMatch(Archive::named);
    // Tables beside pictures or archives may well be about these; alone, they are refused by name.
    boolean parquet =
        !tables.isEmpty()
            && (tars.isEmpty() && others.stream().noneMatch(Shards::mayHoldPictures)
                || ParquetShard.hasPictures(tables.firstEntry().getValue()));
    if (!parquet && (tars.isEmpty() || !isShard(tars.firstEntry().getValue()))) {
      return null;
    }
    Shards shards =
        new Shards(
            name, absolute(place), parquet ? Form.PARQUET : Form.TAR, archives || !parquet, stop);
    for (Map.Entry<String, Path> file : (parquet ? tables : tars).entrySet()) {
      shards.files.put(file.getKey(), Origin.of(Origin.Form.PLAIN, file.getValue()));
    }
    (parquet ? tars : tables).keySet().forEach(shards.tally::other);
    others.forEach(shards.tally::other);
    hidden.forEach(path -> shards.tally.leftOut.add(LeftOut.Kind.HIDDEN, SetPath.shown(path)));
    return shards;
  }

  /** Whether a folder may be one of shards: it has some, and no picture lies in it. */
  private static boolean walk(
      Path top,
      TreeMap<String, Path> tars,
      TreeMap<String, Path> tables,
      List<String> others,
      List<String> hidden,
      BooleanSupplier stop)
      throws IOException {
    boolean[] pictures = new boolean[1];
    Files.walkFileTree(
        top,
        EnumSet.of(java.nio.file.FileVisitOption.FOLLOW_LINKS),
        DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about) {
            String path = path(top, folder);
            if (!folder.equals(top) && Listing.hidden(path)) {
              hidden.add(path);
              return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            Listing.heed(stop);
            String path = path(top, file);
            if (Listing.hidden(path)) {
              hidden.add(path);
            } else if (Listing.picture(path) || about.isDirectory()) {
              pictures[0] = true; // or deeper than shards lie
              return FileVisitResult.TERMINATE;
            } else if (form(file) != null) {
              (form(file) == Form.TAR ? tars : tables).put(path, file);
            } else {
              others.add(path);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            pictures[0] = true; // whoever lists the folder says what is wrong
            return FileVisitResult.TERMINATE;
          }
        });
    return !pictures[0] && !(tars.isEmpty() && tables.isEmpty());
  }

  private static String path(Path top, Path file) {
    return SetPath.normal(top.relativize(file).toString().replace('\\', '/'));
  }

  /** What a file is by its name; null for neither. */
  private static Form form(Path file) {
    return form(file.getFileName().toString());
  }

  private static Form form(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".parquet")
        ? Form.PARQUET
        : lower.matches(".*\\.(tar|tar\\.gz|tgz|tar\\.bz2|tbz2?)") ? Form.TAR : null;
  }

  /** Whether the first pictures of a tar have their class beside them. */
  private static boolean isShard(Path tar) throws IOException {
    if (ArchiveForm.of(tar) != ArchiveForm.TAR) {
      return false; // WebDataset's are not compressed, since pictures are
    }
    try (FileChannel channel = FileChannel.open(tar, StandardOpenOption.READ)) {
      TarShard.Look look = new TarShard.Look();
      Tar.list(channel::read, channel.size(), tar.toString(), look);
      return look.isShard();
    } catch (IOException e) {
      return false; // whoever lists it says what is wrong
    }
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
          form == Form.TAR
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
      if (form == Form.PARQUET) {
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
