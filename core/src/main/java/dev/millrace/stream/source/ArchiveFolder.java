package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * A folder of archives, or a tar of tars, together. Where each of them holds pictures and no
 * folder, an archive's name is a class; where their names are those of parts, they are parts.
 */
final class ArchiveFolder {
  private static final String WORD_NET_ID = "[nN]\\d{8}";

  private final Folders folders;
  private final List<String> notes;

  /** By their names. */
  private final Map<String, Listing> archives = new LinkedHashMap<>();

  private ArchiveFolder(Folders folders, List<String> notes) {
    this.folders = folders;
    this.notes = notes;
  }

  /** A folder of archives, such as Omniglot's, is the archives together. */
  static void addTo(
      Listing listing,
      Path folder,
      String name,
      Path cache,
      Folders folders,
      List<String> notes,
      BooleanSupplier stop)
      throws IOException {
    List<String> archives = listing.files().keySet().stream().filter(Archive::named).toList();
    if (archives.isEmpty() || Cifar.in(listing)) {
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
      throw UsageException.ofWord(
          "%s has no pictures, but archives in its folders: %s; archives are opened at the top of a SET alone: unpack them, or give %s"
              .formatted(
                  name,
                  Doubt.shown(deep),
                  PathText.of(folder) + "/" + SetPath.shown(folder(deep.get(0)))));
    }
    if (!deep.isEmpty()) {
      notes.add("archives in its folders are not opened: " + Doubt.shown(deep));
    }
    List<String> top = archives.stream().filter(archive -> !archive.contains("/")).toList();
    ArchiveFolder together = new ArchiveFolder(folders, notes);
    for (String archive : top) {
      // A path in the set is not always the name on disk.
      if (listing.files().get(archive) instanceof BoundedBytes.OfFile file) {
        Listing inside = Archive.list(file.file(), together.archives.size(), cache, stop);
        openIn(inside, file.file().toString(), folders, notes, stop);
        together.archives.put(archive, inside);
      }
    }
    listing.files().keySet().removeAll(top);
    together.merge(listing, stop);
  }

  /**
   * A tar of tars, such as ImageNet's, is these together, read where they lie. One that holds
   * anything else is left as it is, and whoever reads it says what is wrong.
   *
   * @param name of the tar, for messages
   * @param notes gains what was in doubt
   * @param stop asked now and then; true ends it
   */
  static void openIn(
      Listing listing, String name, Folders folders, List<String> notes, BooleanSupplier stop)
      throws IOException {
    List<String> paths = listing.files().keySet().stream().filter(Archive::named).toList();
    if (paths.isEmpty() || Cifar.in(listing)) {
      return;
    }
    if (!listing.pictures().isEmpty()) {
      notes.add(
          "archives beside the pictures of %s are not opened: %s; unpack them where their pictures belong"
              .formatted(name, Doubt.shown(paths)));
      return;
    }
    Map<String, Tar.Whole> tars = new LinkedHashMap<>();
    for (String path : paths) {
      Listing.heed(stop);
      if (!(listing.files().get(path) instanceof Tar.Whole tar) || !Archive.isTar(tar)) {
        return;
      }
      if (folders == Folders.AUTO && Archive.isShard(tar)) {
        throw UsageException.ofWord(
            "%s is a tar of shards, which have classes beside their pictures; unpack it once and give the folder, or say --layout folders where only the names of tars and folders mean something"
                .formatted(name));
      }
      tars.put(path, tar);
    }
    ArchiveFolder together = new ArchiveFolder(folders, notes);
    for (Map.Entry<String, Tar.Whole> tar : tars.entrySet()) {
      Listing inside = Archive.inside(tar.getValue(), stop);
      List<String> deep = inside.files().keySet().stream().filter(Archive::named).toList();
      if (!deep.isEmpty()) {
        notes.add(
            "archives in %s of %s are not opened: %s; unpack it once, and give the folder"
                .formatted(tar.getKey(), name, Doubt.shown(deep)));
      }
      together.archives.put(tar.getKey(), inside);
    }
    listing.files().keySet().removeAll(paths);
    together.merge(listing, stop);
  }

  /** Adds the files of archives to a listing, and lets each go. */
  private void merge(Listing listing, BooleanSupplier stop) {
    Set<String> named = named();
    for (var left = archives.entrySet().iterator(); left.hasNext(); left.remove()) {
      Map.Entry<String, Listing> archive = left.next();
      String path = archive.getKey();
      String folder = named.contains(path) ? stem(path) : folder(path);
      Listing files = archive.getValue();
      listing.merge(folder.isEmpty() ? files : files.under(folder), path, stop);
    }
  }

  /** The archives whose names say what is in them. */
  private Set<String> named() {
    List<String> full =
        archives.keySet().stream().filter(a -> !archives.get(a).pictures().isEmpty()).toList();
    List<String> names = full.stream().map(a -> name(stem(a))).toList();
    List<String> empty =
        archives.keySet().stream().filter(a -> archives.get(a).files().isEmpty()).toList();
    if (!empty.isEmpty() && !full.isEmpty()) {
      notes.add("these archives hold nothing: " + Doubt.shown(empty));
    }
    if (full.size() < 2 || folders == Folders.FLAT) {
      return Set.of();
    }
    Set<Part> parts = EnumSet.noneOf(Part.class);
    names.stream().map(Part::within).filter(java.util.Objects::nonNull).forEach(parts::add);
    if (folders != Folders.CLASS && (parts.size() > 1 || parts.contains(Part.TEST))) {
      // An archive that has its part's folder inside needs no other one around it.
      return full.stream().filter(a -> !inPart(archives.get(a))).collect(Collectors.toSet());
    }
    if (folders == Folders.DOMAIN) {
      // Around folders of classes they are domains; around those of domains they mean nothing.
      boolean around = full.stream().allMatch(a -> deepest(archives.get(a)) <= 1);
      return around ? Set.copyOf(full) : Set.of();
    }
    List<String> flat = full.stream().filter(a -> flat(archives.get(a))).toList();
    if (flat.size() < full.size()) {
      if (!flat.isEmpty()) {
        notes.add(
            "of the %d archives some hold folders and others, %s, do not, whose pictures have no class"
                .formatted(full.size(), Doubt.shown(flat)));
      } else if (folders == Folders.AUTO && !isNumbered(names) && alike(full)) {
        notes.add(
            "the archives %s hold the same folders, so their names may be domains; --layout domain takes them as that"
                .formatted(Doubt.shown(full)));
      }
      return Set.of();
    }
    boolean twice = full.stream().map(ArchiveFolder::stem).distinct().count() < full.size();
    boolean numbered = isNumbered(names);
    if (twice || numbered && folders != Folders.CLASS) {
      notes.add(
          "the archives %s are taken together, without classes, since %s"
              .formatted(
                  Doubt.shown(flat),
                  twice
                      ? "two have one name; rename one if the names are classes"
                      : "their names differ by numbers alone; --layout class makes each a class"));
      return Set.of();
    }
    return Set.copyOf(full);
  }

  /** Whether names differ by numbers alone. */
  private static boolean isNumbered(List<String> names) {
    return names.stream().map(name -> name.replaceAll("[\\d_. -]+", "")).distinct().count() == 1
        && !names.stream().allMatch(name -> name.matches(WORD_NET_ID));
  }

  /** Whether archives hold pictures in the same folders, several. */
  private boolean alike(List<String> full) {
    Set<Set<String>> tops = new HashSet<>();
    for (String archive : full) {
      Set<String> folders = new TreeSet<>();
      archives.get(archive).pictures().keySet().forEach(path -> folders.add(folder(path)));
      tops.add(folders);
    }
    return tops.size() == 1 && tops.iterator().next().size() > 1;
  }

  /** In how many folders within each other pictures lie at most. */
  private static long deepest(Listing archive) {
    return archive.pictures().keySet().stream()
        .mapToLong(path -> path.chars().filter(c -> c == '/').count())
        .max()
        .orElse(0);
  }

  private static boolean flat(Listing archive) {
    return archive.pictures().keySet().stream().noneMatch(path -> path.contains("/"));
  }

  private static boolean inPart(Listing archive) {
    return archive.pictures().keySet().stream()
        .allMatch(path -> Part.within(path.substring(0, Math.max(0, path.indexOf('/')))) != null);
  }

  /** The folder that a path lies in; empty at the top. */
  private static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A path without the ending of an archive. */
  private static String stem(String archive) {
    return archive.replaceAll("(?i)\\.(tar\\.gz|tgz|tar\\.bz2|tbz2?|tar|zip)$", "");
  }
}
