package dev.millrace.serve;

import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.exchange.search.VectorBridge;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One kept index under its name, as {@code millrace search} made it, and beside it the same
 * pictures by other versions of the encoder ({@code NAME@7}) and the bridges by which a version
 * asks what is there ({@code NAME@7.bridge}). A version is known by the mark that it was made with,
 * not by its name alone: what a person calls so is an index of its own. Immutable.
 *
 * @param folder of all kept indexes
 * @param name of this one
 */
record IndexVersions(Path folder, String name) {
  private static final Pattern VERSION = Pattern.compile("(.+)@(\\d{1,9})(\\.bridge)?");

  /** All that are there, by name, ascending. */
  static List<IndexVersions> all(Path folder) throws IOException {
    Map<String, IndexVersions> all = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path one : inside.filter(Files::isDirectory).toList()) {
          String name = one.getFileName().toString();
          if (!name.startsWith(".") && PictureSearch.isIndex(one)) {
            Matcher version = VERSION.matcher(name);
            String own = version.matches() && isOf(version.group(1), one) ? version.group(1) : name;
            all.put(own, new IndexVersions(folder, own));
          }
        }
      }
    }
    return List.copyOf(all.values());
  }

  /** Whether a folder is a version of that index; one that is damaged is, where there is one. */
  private static boolean isOf(String name, Path version) throws IOException {
    try {
      return isMarked(version);
    } catch (IOException damaged) {
      Path own = version.resolveSibling(name);
      return Files.isDirectory(own) && PictureSearch.isIndex(own);
    }
  }

  /** Like {@link #isMarked}; one that is damaged is not known to be, and says so when opened. */
  private static boolean isKnown(Path index) {
    try {
      return isMarked(index);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Whether an index was made as the version of another, under the name that it has.
   *
   * @throws IOException if it is damaged
   */
  static boolean isMarked(Path index) throws IOException {
    return KeptIndex.mark(index).filter(index.getFileName().toString()::equals).isPresent();
  }

  /** As {@code millrace search} made it. */
  Path own() {
    return folder.resolve(name);
  }

  /** Of a version of the encoder. */
  Path of(int version) {
    return folder.resolve(name + "@" + version);
  }

  /** By which a version asks what is of another. */
  Path bridge(int version) {
    return folder.resolve(name + "@" + version + ".bridge");
  }

  /** The folders of all versions, finished or not: the own one first, then the newest. */
  List<Path> folders() throws IOException {
    List<Path> all = new ArrayList<>();
    if (Files.isDirectory(own()) && PictureSearch.isIndex(own())) {
      all.add(own());
    }
    for (Path one : versions().values()) {
      if (PictureSearch.isIndex(one)) {
        all.add(one);
      }
    }
    return all;
  }

  /** The folders of versions, finished or not, the newest first. */
  Map<Integer, Path> versions() throws IOException {
    return byVersion(null, IndexVersions::isKnown);
  }

  /** What is left of versions that were being removed when their process was killed. */
  List<Path> removed() throws IOException {
    Pattern moved = Pattern.compile("\\." + Pattern.quote(name) + "@\\d{1,9}\\.\\d+");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.filter(one -> moved.matcher(one.getFileName().toString()).matches()).toList();
    }
  }

  /** Where a version is moved to before it is removed, so that whoever has it open keeps it. */
  static Path removing(Path version) {
    Path gone = version;
    for (int i = 1; Files.exists(gone); i++) { // another call may be removing one
      gone = version.resolveSibling("." + version.getFileName() + "." + i);
    }
    return gone;
  }

  /** The bridges of versions, the newest first. */
  Map<Integer, Path> bridges() throws IOException {
    return byVersion(".bridge", VectorBridge::isBridge);
  }

  private Map<Integer, Path> byVersion(String ending, Predicate<Path> ours) throws IOException {
    Map<Integer, Path> all = new TreeMap<>(Comparator.reverseOrder());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path one : inside.toList()) {
          Matcher version = VERSION.matcher(one.getFileName().toString());
          if (version.matches()
              && version.group(1).equals(name)
              && Objects.equals(ending, version.group(3))
              && ours.test(one)) {
            all.put(Integer.parseInt(version.group(2)), one);
          }
        }
      }
    }
    return new LinkedHashMap<>(all);
  }

  /**
   * A finished version.
   *
   * @param folder where it lies
   * @param about what it says of itself
   */
  record Finished(Path folder, KeptIndex.About about) {}

  /**
   * The newest finished version that there is, else the one that was made first; null where that is
   * not finished.
   */
  Finished newest() throws IOException {
    List<Path> all = new ArrayList<>(folders());
    if (all.size() > 1 && all.get(0).equals(own())) {
      all.add(all.remove(0)); // behind those that came later
    }
    for (Path one : all) {
      Optional<KeptIndex.About> about = KeptIndex.about(one);
      if (about.isPresent()) {
        return new Finished(one, about.get());
      }
    }
    return null;
  }

  /**
   * The finished version with vectors of an encoder; null for none.
   *
   * @param sha256 of its file, hex
   */
  Path ofEncoder(String sha256) throws IOException {
    for (Path one : folders()) {
      Optional<KeptIndex.About> about = KeptIndex.about(one);
      if (about.isPresent() && about.get().encoder().equals(sha256)) {
        return one;
      }
    }
    return null;
  }

  /**
   * Lets go of versions and bridges that nothing is to be expected of any more.
   *
   * @param expected versions that are asked, or may be
   * @param made of which there are vectors now, so that it needs no bridge
   */
  void keep(Set<Integer> expected, int made) throws IOException {
    for (Path left : removed()) {
      Trees.delete(left);
    }
    for (Map.Entry<Integer, Path> one : versions().entrySet()) {
      if (!expected.contains(one.getKey())) {
        Path gone = removing(one.getValue());
        AtomicFiles.move(one.getValue(), gone); // whoever has it open keeps its files
        Trees.delete(gone);
      }
    }
    Set<Integer> bridged = new HashSet<>(expected);
    bridged.remove(made);
    keepBridges(bridged);
  }

  /** Lets go of the bridges of other versions. */
  void keepBridges(Set<Integer> expected) throws IOException {
    for (Map.Entry<Integer, Path> one : bridges().entrySet()) {
      if (!expected.contains(one.getKey())) {
        Files.deleteIfExists(one.getValue());
      }
    }
  }
}
