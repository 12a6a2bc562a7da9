package dev.millrace.stream.source;

import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the words for sets mean, and where the sets lie. Thread-safe.
 *
 * @param root where known sets lie; null when there is no such place
 */
record Places(Path root) {
  private static final Logger LOG = LoggerFactory.getLogger(Places.class);

  /** Where a known set lies here, or null when it is not there. */
  Path find(KnownSet set) throws IOException {
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

  /** Whether a set's word is a name, {@code generated}, known or handed in, and no path. */
  static boolean isName(String set) {
    return isGenerated(set)
        || OwnSets.isWord(set)
        || KnownSet.ALL.stream().anyMatch(known -> known.name().equals(set));
  }

  static boolean isGenerated(String set) {
    return set.equals("generated") || set.startsWith("generated:");
  }

  static void warnOfNamesake(String set) {
    if (isName(set) && !set.contains(":") && Files.exists(Path.of(set))) {
      LOG.warn(
          "{} names the set that is known by that name, not what lies here; for that, write {}",
          set,
          Path.of(".", set));
    }
  }

  /** What the set of a word calls itself; opens nothing. */
  static String nameOf(String set) {
    if (isGenerated(set)) {
      return "generated";
    }
    if (OwnSets.isWord(set)) {
      return OwnSets.nameOf(set);
    }
    if (isName(set)) {
      return set;
    }
    if (RemoteStore.isPlace(set)) {
      return Folder.nameOf(Path.of(set.replaceFirst("://", "/")).getFileName());
    }
    Path last = path(set).toAbsolutePath().normalize().getFileName();
    return last == null ? set : Folder.nameOf(last);
  }

  /**
   * Where a set lies on this machine, absolute; null for one that is made, handed in or on another
   * machine, and for a known one that is not here.
   *
   * @throws IllegalArgumentException if the word cannot be a path here
   */
  Path located(String set) throws IOException {
    if (isGenerated(set) || OwnSets.isWord(set) || RemoteStore.isPlace(set)) {
      return null;
    }
    for (KnownSet known : KnownSet.ALL) {
      if (known.name().equals(set)) {
        Path found = find(known);
        return found == null ? null : found.toAbsolutePath().normalize();
      }
    }
    return path(set).toAbsolutePath().normalize();
  }

  /**
   * Where a set lies, by name or path.
   *
   * @throws IllegalArgumentException if there is no such set, or it has no place on this machine
   */
  Path of(String set) throws IOException {
    if (OwnSets.isWord(set)) {
      throw OwnSets.noFiles(set);
    }
    for (KnownSet known : KnownSet.ALL) {
      if (known.name().equals(set)) {
        Path file = find(known);
        if (file == null) {
          throw UsageException.of(
              "--data",
              "%s is not here: looked for %s under %s; set MILLRACE_DATA to the folder that holds it, or give a path%s"
                  .formatted(
                      set,
                      // Braces keep other archives out; a person needs the plain pattern.
                      String.join(" or ", known.patterns()).replaceAll("\\{[^}]*}", "*"),
                      root == null ? "MILLRACE_DATA, which is not set" : "MILLRACE_DATA=" + root,
                      Files.exists(Path.of(set)) ? ", such as " + Path.of(".", set) : ""));
        }
        return file;
      }
    }
    if (RemoteStore.isPlace(set)) {
      throw UsageException.of(
          "--data", set + " is read as shards or a list of pictures alone; bring its files here");
    }
    Path path = path(set);
    if (!Files.exists(path)) {
      List<String> names = new ArrayList<>(KnownSet.ALL.stream().map(KnownSet::name).toList());
      names.add("generated");
      throw UsageException.of(
          "--data",
          "%s is neither a known set nor a path; known: %s%s"
              .formatted(set, String.join(", ", names), Choice.hint(set, names)));
    }
    return path;
  }

  /** A word as a path. */
  static Path path(String set) {
    if (set
        .isBlank()) { // as of a shell's variable that is not set; the path of that is this folder
      throw UsageException.of("--data", "has a set without a name; give its path");
    }
    try {
      return Path.of(set);
    } catch (InvalidPathException e) {
      throw UsageException.of(
          "--data",
          "%s cannot be a path here: %s; this process's file names are %s: set LC_ALL=C.UTF-8 if the name has other letters"
              .formatted(set, e.getReason(), System.getProperty("sun.jnu.encoding")));
    }
  }
}
