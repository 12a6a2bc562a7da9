package dev.millrace.stream.taxonomy;

import dev.millrace.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A taxonomy a person writes down: a text file in UTF-8, of any normal form, with a line per class,
 * {@code cat: animal/mammal}, the groups from the widest to the narrowest; empty lines and lines
 * that start with {@code #} are skipped. Distance is the number of edges between two classes in
 * that tree; classes without a common group meet in the root. Immutable and thread-safe.
 */
public final class HierarchyFile implements ClassTree {
  private final Map<String, List<String>> paths;

  private HierarchyFile(Map<String, List<String>> paths) {
    this.paths = paths;
  }

  /** A taxonomy from each class's groups, the widest first. */
  public static HierarchyFile of(Map<String, List<String>> groups) {
    Map<String, List<String>> paths = new HashMap<>();
    groups.forEach((name, path) -> paths.put(name, List.copyOf(path)));
    return new HierarchyFile(paths);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read or is not UTF-8, or a line is not of the form above or
   *     names a class a second time with other groups; the message names file and line
   */
  public static HierarchyFile read(Path file) throws IOException {
    Map<String, List<String>> paths = new HashMap<>();
    int number = 0;
    for (String text : TextFile.lines(file)) {
      number++;
      String line = normal(text.strip());
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      // The last colon, so that a class name may hold one.
      int colon = line.lastIndexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip();
      if (name.isEmpty()) {
        throw wrong(file, number, "found `" + line + "`, expected `class: super/sub`");
      }
      List<String> path = new ArrayList<>();
      for (String group : line.substring(colon + 1).split("/", -1)) {
        if (group.isBlank()) {
          throw wrong(
              file, number, "class " + name + " has an empty group; expected `class: super/sub`");
        }
        path.add(group.strip());
      }
      List<String> before = paths.put(name, List.copyOf(path));
      if (before != null && !before.equals(path)) { // in two normal forms it may stand twice
        throw wrong(file, number, "class " + name + " stands there a second time; leave one line");
      }
    }
    return new HierarchyFile(paths);
  }

  /** In normal form C, as the class names of sets are, whoever wrote it. */
  private static String normal(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /** A class's groups; a program's own sets have names of any form. Null for an unknown one. */
  private List<String> path(String name) {
    List<String> path = paths.get(name);
    return path == null ? paths.get(normal(name)) : path;
  }

  private static IOException wrong(Path file, int line, String how) {
    return new IOException(file + ", line " + line + ": " + how);
  }

  @Override
  public double distance(String a, String b) {
    if (!knows(a) || !knows(b)) {
      require(List.of(a, b));
    }
    if (a.equals(b)) {
      return 0;
    }
    List<String> one = path(a);
    List<String> other = path(b);
    int common = 0;
    while (common < Math.min(one.size(), other.size())
        && one.get(common).equals(other.get(common))) {
      common++;
    }
    return one.size() - common + other.size() - common + 2;
  }

  @Override
  public boolean knows(String name) {
    return path(name) != null;
  }

  @Override
  public String describe(String name) {
    require(List.of(name));
    return name + ": " + String.join("/", path(name));
  }
}
