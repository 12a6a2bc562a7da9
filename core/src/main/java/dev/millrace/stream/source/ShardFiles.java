package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * What lies at a place, here or on another machine, by what it may be to a set of shards; and which
 * of it the shards are. Not thread-safe.
 */
final class ShardFiles {
  /** What shards are. */
  enum Form {
    /** WebDataset's tars. */
    TAR,
    /** Parquet files with a column of pictures. */
    PARQUET
  }

  /** A file, looked at when it is needed. */
  private interface Place {
    Origin origin() throws IOException;
  }

  /** {@code train/} or {@code data/train/} may stand around shards. */
  private static final int DEPTH = 3;

  private static final int HEAD = 512;

  /** The whole place, for messages. */
  private final String top;

  private final Path cache;

  /** Whether the place is one file. */
  private final boolean one;

  /** By path below the place; empty of one file. */
  private final TreeMap<String, Place> tars = new TreeMap<>();

  private final TreeMap<String, Place> tables = new TreeMap<>();

  /** Names of shards whose paths are not in normal form C. */
  private final Map<String, String> otherForms = new HashMap<>();

  private final List<String> others = new ArrayList<>();
  private final Set<String> hidden = new TreeSet<>();

  /** A loose picture, or what else is not of a set of shards; null for none. */
  private String loose;

  private ShardFiles(String top, Path cache, boolean one) {
    this.top = top;
    this.cache = cache;
    this.one = one;
  }

  /**
   * What lies in a file or folder.
   *
   * @param cache where blocks of files of another machine are kept
   * @param deep whether shards may lie in any depth
   */
  static ShardFiles in(Path place, Path cache, boolean deep, BooleanSupplier stop)
      throws IOException {
    boolean one = !Files.isDirectory(place);
    ShardFiles files = new ShardFiles(absolute(place), cache, one);
    if (one) {
      files.add(place.getFileName().toString(), "", () -> Origin.of(Origin.Form.PLAIN, place));
    } else {
      files.walk(place, deep ? Integer.MAX_VALUE : DEPTH, stop);
    }
    return files;
  }

  /**
   * What lies at a place of another machine.
   *
   * @param place without a slash at its end
   * @param found there
   */
  static ShardFiles of(String place, List<RemoteStore.Found> found, Path cache) {
    boolean one = found.size() == 1 && found.get(0).place().equals(place);
    ShardFiles files = new ShardFiles(place, cache, one);
    for (RemoteStore.Found file : found) {
      Origin origin = Origin.of(file);
      String path = one ? "" : file.place().substring(place.length() + 1);
      files.add(origin.name(), path, () -> origin);
    }
    return files;
  }

  private static String absolute(Path place) {
    return place.toAbsolutePath().normalize().toString();
  }

  /** Where it lies. */
  String top() {
    return top;
  }

  /**
   * Adds a file.
   *
   * @param plain its path, before normal form C
   */
  private void add(String name, String plain, Place place) {
    Form form = form(name);
    String path = SetPath.normal(plain);
    if (Listing.hidden(path)) {
      hidden.add(path.substring(0, Listing.hiddenEnd(path))); // a hidden folder counts once
    } else if (Listing.picture(name)) {
      loose = path.isEmpty() ? name : path;
    } else if (form != null) {
      put(form == Form.TAR ? tars : tables, path, plain, place);
    } else {
      others.add(path);
    }
  }

  /** Refuses two shards that are one in normal form C: they look alike, and hold other pictures. */
  private void put(TreeMap<String, Place> shards, String path, String plain, Place place) {
    if (shards.put(path, place) != null) {
      throw SetPath.alike(top, otherForms.getOrDefault(path, path), plain);
    }
    if (!plain.equals(path)) {
      otherForms.put(path, plain);
    }
  }

  private void walk(Path folder, int depth, BooleanSupplier stop) throws IOException {
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        depth,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path inside, BasicFileAttributes about) {
            String path = path(folder, inside);
            if (!inside.equals(folder) && Listing.hidden(path)) {
              hidden.add(path);
              return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            Listing.heed(stop);
            String path = path(folder, file);
            if (about.isDirectory() && !Listing.hidden(path)) {
              loose = path; // deeper than shards lie
            } else if (about.isSymbolicLink()) {
              dead(file, plain(folder, file));
            } else {
              String name = file.getFileName().toString();
              add(name, plain(folder, file), () -> Origin.of(Origin.Form.PLAIN, file));
            }
            return loose == null ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            String path = path(folder, file);
            if (!Listing.hidden(path)) {
              throw Folder.failed(file, e);
            }
            hidden.add(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** A link that leads nowhere: where a shard may have been, it is refused by name. */
  private void dead(Path file, String path) {
    String name = file.getFileName().toString();
    if (form(name) == null
        && !Listing.hidden(path)
        && !Listing.picture(name)
        && !Listing.surelyNoPicture(name)) {
      throw Folder.deadLink(file); // the folder of some, by its name
    }
    add(
        name,
        path,
        () -> {
          throw Folder.deadLink(file);
        });
  }

  private static String path(Path top, Path file) {
    return SetPath.normal(plain(top, file));
  }

  /** A path below the place, before normal form C; a backslash may be a letter of it. */
  private static String plain(Path top, Path file) {
    return PathText.of(top.relativize(file)).replace(file.getFileSystem().getSeparator(), "/");
  }

  /** What a file is by its name; null for neither. */
  private static Form form(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".parquet")
        ? Form.PARQUET
        : lower.matches(".*\\.(tar|tar\\.gz|tgz|tar\\.bz2|tbz2?)") ? Form.TAR : null;
  }

  /** Whether a file without the ending of a picture, tar or table may hold some all the same. */
  private static boolean mayHoldPictures(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return Archive.named(path)
        || name.matches(".*\\.(bin|gz)") // as CIFAR's and MNIST's
        || OtherFiles.worthALook(path)
            && !name.matches("licen[cs]e|readme|notice|authors|copying|_success"); // Spark's
  }

  /** Whether there are archives, which may be read without what lies beside their pictures. */
  boolean archives() {
    return !tars.isEmpty() || others.stream().anyMatch(Archive::named);
  }

  /**
   * Which files are the shards.
   *
   * @return null where what lies here may be a folder or archive whose folders mean something
   */
  Form form() throws IOException {
    if (loose != null) {
      return null;
    }
    if (parquet()) {
      return Form.PARQUET;
    }
    return !tars.isEmpty() && isShard(first(tars)) ? Form.TAR : null;
  }

  /**
   * Which files are the shards where nothing else can be meant; tars need not have classes.
   *
   * @param flag that means it
   * @throws IllegalArgumentException if there are none, or there is more than shards
   */
  Form required(String flag) throws IOException {
    if (loose != null) {
      throw UsageException.of(
          flag,
          "shards: %s has pictures or folders that are no shards, such as %s; give the place of the shards alone, or a list (.csv, .tsv, .jsonl) of the pictures"
              .formatted(top, SetPath.shown(loose)));
    }
    if (tars.isEmpty() && !tables.isEmpty() || parquet()) {
      return Form.PARQUET; // of one without pictures, whoever reads it says what is wrong
    }
    if (tars.isEmpty()) {
      throw UsageException.of(
          flag,
          "%s %s, expected .tar or .parquet files with pictures, or a list (.csv, .tsv, .jsonl)"
              .formatted(
                  top,
                  others.isEmpty() && hidden.isEmpty()
                      ? RemoteStore.isPlace(top) ? "is not there" : "is empty"
                      : "has %d files, none of them such"
                          .formatted(others.size() + hidden.size())));
    }
    for (String path : tars.keySet()) {
      requirePlain(path);
    }
    Origin first = first(tars);
    if (!isTar(first)) {
      throw compressed(first.file());
    }
    return Form.TAR;
  }

  private void requirePlain(String path) {
    String name = path.isEmpty() ? top : path;
    if (!name.toLowerCase(Locale.ROOT).endsWith(".tar")) {
      throw compressed(name);
    }
  }

  private UsageException compressed(String name) {
    return UsageException.of(
        "--data",
        "%s has compressed tars, such as %s, expected plain ones, whose pictures can be read where they lie; pack them anew"
            .formatted(top, SetPath.shown(name)));
  }

  /** Tables beside archives may well be about these; alone, they are refused by name. */
  private boolean parquet() throws IOException {
    return !tables.isEmpty()
        && (one
            || tars.isEmpty() && others.stream().noneMatch(ShardFiles::mayHoldPictures)
            || ParquetShard.hasPictures(first(tables), cache));
  }

  private static Origin first(TreeMap<String, Place> files) throws IOException {
    return files.firstEntry().getValue().origin();
  }

  /** Whether a tar is one, and not compressed: WebDataset's are not, since pictures are. */
  private boolean isTar(Origin tar) throws IOException {
    try (OpenShard open = OpenShard.of(tar, cache)) {
      byte[] head = new byte[(int) Math.min(HEAD, open.size())];
      BoundedBytes.fill(open.source(), 0, head, 0, head.length);
      return ArchiveForm.of(tar.name(), head) == ArchiveForm.TAR;
    }
  }

  /** Whether the first pictures of a tar have their class beside them. */
  private boolean isShard(Origin tar) throws IOException {
    if (!isTar(tar)) {
      return false;
    }
    try (OpenShard open = OpenShard.of(tar, cache)) {
      TarShard.Look look = new TarShard.Look();
      Tar.list(new Tar.Bytes(open.source(), 0, 0, open.size(), tar.file()), look);
      return look.isShard();
    } catch (IOException e) {
      return false; // whoever lists it says what is wrong
    }
  }

  /** The shards by their paths, as they are now. */
  TreeMap<String, Origin> shards(Form form) throws IOException {
    TreeMap<String, Origin> origins = new TreeMap<>();
    for (Map.Entry<String, Place> file : (form == Form.TAR ? tars : tables).entrySet()) {
      if (form == Form.TAR) {
        requirePlain(file.getKey());
      }
      origins.put(file.getKey(), file.getValue().origin());
    }
    return origins;
  }

  /** Counts what is not read. */
  void leaveOut(Form form, ShardTally tally) {
    (form == Form.TAR ? tables : tars).keySet().forEach(tally::other);
    others.forEach(tally::other);
    hidden.forEach(path -> tally.leftOut.add(LeftOut.Kind.HIDDEN, SetPath.shown(path)));
  }
}
