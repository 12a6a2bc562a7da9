package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens sets by name or path: {@code generated}, a set it knows under the data root, or a folder or
 * archive of the user's own. Thread-safe.
 */
public final class Catalogue {
  private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);

  private final Path root;
  private final Path cache;

  /**
   * @param root where known sets lie; null when there is no such place
   * @param cache where compressed archives are unpacked
   */
  public Catalogue(Path root, Path cache) {
    this.root = root;
    this.cache = cache;
  }

  /**
   * Known sets under {@code MILLRACE_DATA}; cache under {@code MILLRACE_CACHE} or {@code
   * ~/.cache/millrace}.
   */
  public static Catalogue standard() {
    String data = System.getenv("MILLRACE_DATA");
    String cache = System.getenv("MILLRACE_CACHE");
    return new Catalogue(
        data == null || data.isBlank() ? null : Path.of(data),
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache", "millrace")
            : Path.of(cache));
  }

  /** The sets known by name. */
  public List<KnownSet> known() {
    return KnownSet.ALL;
  }

  /** Where a known set lies here, or null when it is not there. */
  public Path find(KnownSet set) throws IOException {
    if (root == null || !Files.isDirectory(root)) {
      return null;
    }
    try (Stream<Path> files = Files.list(root)) {
      List<Path> there = files.sorted().toList();
      for (String pattern : set.patterns()) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        for (Path file : there) {
          if (matcher.matches(file.getFileName())
              && (Files.isDirectory(file) || Archive.is(file))) {
            return file;
          }
        }
      }
    }
    return null;
  }

  /**
   * Opens a set whose parts, classes and domains must not be in doubt; reads no pictures yet.
   *
   * @param set {@code generated}, {@code generated:KEY=VALUE,…}, a known name, or a path
   * @throws IllegalArgumentException if there is no such set, or it has no pictures
   * @throws IOException if it cannot be read
   */
  public DataSet open(String set) throws IOException {
    return open(set, Folders.AUTO, Need.LABELS);
  }

  /**
   * Opens a set; reads no pictures yet.
   *
   * @param set {@code generated}, {@code generated:KEY=VALUE,…}, a known name, or a path
   * @param folders what the folders of a path mean; a known set has its own meaning
   * @param need what must not be in doubt about the folders of a path
   * @throws IllegalArgumentException if there is no such set, it has no pictures, or what is needed
   *     is in doubt
   * @throws IOException if it cannot be read
   */
  public DataSet open(String set, Folders folders, Need need) throws IOException {
    warnOfNamesake(set);
    if (generated(set)) {
      return Generated.open(set);
    }
    Path path = place(set);
    for (KnownSet known : KnownSet.ALL) {
      if (known.name().equals(set)) {
        Read read = whole(path, set, Folders.AUTO, Need.LABELS);
        return known.split(read.parts()).leaving(read.leftOut());
      }
    }
    Read read = whole(path, set, folders, need);
    Path name = path.toAbsolutePath().normalize().getFileName();
    return dataSet(name == null ? set : name.toString(), read.parts(), false, Metric.TOP1)
        .leaving(read.leftOut());
  }

  /** What was read of a place, and what was left out. */
  private record Read(Layout.Parts parts, LeftOut leftOut) {}

  /** Whether a set's word is a name, {@code generated} or a known set's, and no path. */
  public static boolean isName(String set) {
    return generated(set) || KnownSet.ALL.stream().anyMatch(known -> known.name().equals(set));
  }

  private static boolean generated(String set) {
    return set.equals("generated") || set.startsWith("generated:");
  }

  private static void warnOfNamesake(String set) {
    if (isName(set) && !set.contains(":") && Files.exists(Path.of(set))) {
      LOG.warn(
          "{} names the set that is known by that name, not what lies here; for that, write {}",
          set,
          Path.of(".", set));
    }
  }

  /**
   * Every file of a set, annotations and all, by path within it; reads none of them yet.
   *
   * @param set a known name, or the path of a folder or archive
   * @throws IllegalArgumentException if there is no such set
   * @throws IOException if it cannot be listed
   */
  public SortedMap<String, Image.Content> files(String set) throws IOException {
    Path file = place(set);
    requireArchive(file);
    return (Files.isDirectory(file) ? folder(file) : Archive.list(file, cache)).files();
  }

  /** Whether a path names a picture, by its ending. */
  public static boolean isPicture(String path) {
    return Listing.picture(path);
  }

  /** Where a set lies, by name or path. */
  private Path place(String set) throws IOException {
    for (KnownSet known : KnownSet.ALL) {
      if (known.name().equals(set)) {
        Path file = find(known);
        if (file == null) {
          throw new IllegalArgumentException(
              "--data %s is not here: looked for %s under %s; set MILLRACE_DATA to the folder that holds it, or give a path%s"
                  .formatted(
                      set,
                      String.join(" or ", known.patterns()),
                      root == null ? "MILLRACE_DATA, which is not set" : "MILLRACE_DATA=" + root,
                      Files.exists(Path.of(set)) ? ", such as " + Path.of(".", set) : ""));
        }
        return file;
      }
    }
    Path path = Path.of(set);
    if (!Files.exists(path)) {
      List<String> names = new ArrayList<>(KnownSet.ALL.stream().map(KnownSet::name).toList());
      names.add("generated");
      throw new IllegalArgumentException(
          "--data %s is neither a known set nor a path; known: %s%s"
              .formatted(set, String.join(", ", names), Choice.hint(set, names)));
    }
    return path;
  }

  private static void requireArchive(Path file) {
    if (!Files.isDirectory(file) && !Archive.is(file)) {
      throw new IllegalArgumentException(
          file
              + " is neither a folder nor a .tar, .tar.gz, .tgz or .zip archive; give one of these");
    }
  }

  static DataSet dataSet(String name, Layout.Parts parts, boolean wordNet, Metric metric) {
    List<Labelled.Row> all = new ArrayList<>(parts.train());
    all.addAll(parts.validation());
    all.addAll(parts.test());
    List<String> classes = Labelled.names(all, Labelled.Row::label);
    List<String> domains = Labelled.names(all, Labelled.Row::domain);
    Function<List<Labelled.Row>, Labelled> part = rows -> Labelled.of(name, rows, classes, domains);
    return new DataSet(
        name,
        part.apply(parts.train()),
        part.apply(parts.validation()),
        part.apply(parts.test()),
        wordNet,
        metric,
        Map.of(),
        LeftOut.NONE,
        parts.about());
  }

  private Read whole(Path file, String name, Folders folders, Need need) throws IOException {
    List<String> notes = new ArrayList<>();
    Listing listing;
    if (Files.isDirectory(file)) {
      if (Idx.in(file)) {
        return new Read(
            new Layout.Parts(Idx.read(file, "train"), Idx.read(file, "t10k")), LeftOut.NONE);
      }
      listing = folder(file);
      addArchives(listing, file, name, folders, notes);
    } else {
      requireArchive(file);
      listing = Archive.list(file, cache);
    }
    Layout.Parts parts =
        CifarBinary.in(listing)
            ? CifarBinary.read(listing)
            : Layout.read(listing, name, folders, need, notes);
    return new Read(parts, listing.leftOut().done());
  }

  /** A folder of archives, such as Omniglot's, is the archives together. */
  private void addArchives(
      Listing listing, Path folder, String name, Folders folders, List<String> notes)
      throws IOException {
    List<String> archives = listing.files().keySet().stream().filter(Archive::named).toList();
    if (archives.isEmpty() || CifarBinary.in(listing)) {
      return;
    }
    if (!listing.pictures().isEmpty()) {
      notes.add(
          "archives beside pictures are not opened: %s; give each as a SET of its own"
              .formatted(Doubt.shown(archives)));
      return;
    }
    List<String> deep = archives.stream().filter(archive -> archive.contains("/")).toList();
    if (deep.size() == archives.size()) {
      throw new IllegalArgumentException(
          "%s has no pictures, but archives in its folders: %s; archives are opened at the top of a SET alone: unpack them, or give %s"
              .formatted(
                  name, Doubt.shown(deep), folder.resolve(Path.of(deep.get(0))).getParent()));
    }
    if (!deep.isEmpty()) {
      notes.add("archives in its folders are not opened: " + Doubt.shown(deep));
    }
    List<String> top = archives.stream().filter(archive -> !archive.contains("/")).toList();
    listing.files().keySet().removeAll(top);
    ArchiveFolder.merge(
        listing,
        top.stream()
            .map(folder::resolve)
            .sorted(Comparator.comparing(f -> f.getFileName().toString()))
            .toList(),
        cache,
        folders,
        notes);
  }

  /** A file of a folder. */
  private record FileContent(Path file) implements Image.Content {
    @Override
    public byte[] read() throws IOException {
      return Files.readAllBytes(file);
    }

    @Override
    public byte[] head(int bytes) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(bytes);
      }
    }
  }

  /** What a folder holds, links followed: what they lead to belongs to the set. */
  private static Listing folder(Path folder) throws IOException {
    Listing listing = new Listing();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes about) {
            return Listing.hidden(path(inner))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            // A dead link named like a picture is met again, by name, when pictures are checked.
            if (about.isRegularFile() || about.isSymbolicLink() && Listing.picture(path(file))) {
              listing.add(path(file), new FileContent(file));
            } else if (about.isSymbolicLink() && !Listing.hidden(path(file))) {
              throw new IllegalArgumentException(
                  file
                      + " is a link that leads nowhere, expected a folder or file behind it; mend or"
                      + " remove the link");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (Listing.hidden(path(file))) {
              return FileVisitResult.CONTINUE;
            }
            if (e instanceof FileSystemLoopException) {
              throw new IllegalArgumentException(
                  file
                      + " is a link back to a folder that it lies in, so the pictures would have no"
                      + " end; remove the link",
                  e);
            }
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
          }

          private String path(Path file) {
            return folder.relativize(file).toString().replace('\\', '/');
          }
        });
    return listing;
  }
}
