package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
                  name, Doubt.shown(deep), folder.resolve(Path.of(deep.get(0))).getParent()));
    }
    if (!deep.isEmpty()) {
      notes.add("archives in its folders are not opened: " + Doubt.shown(deep));
    }
    List<String> top = archives.stream().filter(archive -> !archive.contains("/")).toList();
    ArchiveFolder together = new ArchiveFolder(folders, notes);
    for (String archive : top) {
      // A path in the set is not always the name on disk.
      if (listing.files().get(archive) instanceof BoundedBytes.OfFile file) {
        together.archives.put(archive, Archive.list(file.file(), cache, stop));
      }
    }
    listing.files().keySet().removeAll(top);
    together.merge(listing, stop);
  }

  /**
   * A tar of tars, such as ImageNet's, is these together, read where they lie. One that holds
   * anything else is left as it is, and whoever reads it says what is wrong.
   */
  static void openIn(Listing listing, Folders folders, List<String> notes, BooleanSupplier stop)
      throws IOException {
    List<String> paths = listing.files().keySet().stream().filter(Archive::named).toList();
    Set<String> around = paths.stream().map(ArchiveFolder::folder).collect(Collectors.toSet());
    if (around.size() != 1 || !listing.pictures().isEmpty() || Cifar.in(listing)) {
      return;
    }
    Map<String, Tar.Whole> tars = new LinkedHashMap<>();
    for (String path : paths) {
      if (!(listing.files().get(path) instanceof Tar.Whole tar) || !Archive.isTar(tar)) {
        return;
      }
      tars.put(path.substring(path.lastIndexOf('/') + 1), tar);
    }
    ArchiveFolder together = new ArchiveFolder(folders, notes);
    for (Map.Entry<String, Tar.Whole> tar : tars.entrySet()) {
      if (together.archives.isEmpty()
          && folders == Folders.AUTO
          && Archive.isShard(tar.getValue())) {
        throw UsageException.ofWord(
            "%s is a tar of shards, which have classes beside their pictures; unpack it once and give the folder, or say --layout folders where only the names of tars and folders mean something"
                .formatted(tar.getValue().file()));
      }
      together.archives.put(tar.getKey(), Archive.inside(tar.getValue(), stop));
    }
    listing.files().keySet().removeAll(paths);
    together.merge(listing, stop);
  }

  private static String folder(String path) {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  /** Adds the files of archives to a listing. */
  private void merge(Listing listing, BooleanSupplier stop) {
    Set<String> named = named();
    for (Map.Entry<String, Listing> archive : archives.entrySet()) {
      String name = archive.getKey();
      Listing files = archive.getValue();
      listing.merge(named.contains(name) ? files.under(stem(name)) : files, name, stop);
    }
  }

  /** The archives whose names say what is in them. */
  private Set<String> named() {
    List<String> full =
        archives.keySet().stream().filter(a -> !archives.get(a).pictures().isEmpty()).toList();
    List<String> stems = full.stream().map(ArchiveFolder::stem).toList();
    if (full.size() < 2 || folders == Folders.FLAT) {
      return Set.of();
    }
    Set<Part> parts = EnumSet.noneOf(Part.class);
    stems.stream().map(Part::within).filter(java.util.Objects::nonNull).forEach(parts::add);
    if (folders != Folders.CLASS && (parts.size() > 1 || parts.contains(Part.TEST))) {
      // An archive that has its part's folder inside needs no other one around it.
      return full.stream().filter(a -> !inPart(archives.get(a))).collect(Collectors.toSet());
    }
    List<String> flat = new ArrayList<>();
    full.stream().filter(a -> flat(archives.get(a))).forEach(flat::add);
    if (flat.size() < full.size()) {
      if (!flat.isEmpty()) {
        notes.add(
            "of the %d archives some hold folders and others, %s, do not, whose pictures have no class"
                .formatted(full.size(), Doubt.shown(flat)));
      }
      return Set.of();
    }
    boolean twice = new HashSet<>(stems).size() < stems.size();
    boolean numbered =
        stems.stream().map(stem -> stem.replaceAll("[\\d_. -]+", "")).distinct().count() == 1
            && !stems.stream().allMatch(stem -> stem.matches(WORD_NET_ID));
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

  private static boolean flat(Listing archive) {
    return archive.pictures().keySet().stream().noneMatch(path -> path.contains("/"));
  }

  private static boolean inPart(Listing archive) {
    return archive.pictures().keySet().stream()
        .allMatch(path -> Part.within(path.substring(0, Math.max(0, path.indexOf('/')))) != null);
  }

  private static String stem(String archive) {
    return archive.replaceAll("(?i)\\.(tar\\.gz|tgz|tar\\.bz2|tbz2?|tar|zip)$", "");
  }
}
