package dev.millrace.serve;

import dev.millrace.exchange.search.PictureSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One kept index under its name, as {@code millrace search} made it, and beside it the same
 * pictures by other versions of the encoder ({@code NAME@7}) and the bridges by which a version
 * asks what is there ({@code NAME@7.bridge}). Nothing is read before it is asked for. Immutable.
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
          Matcher version = VERSION.matcher(name);
          if (!name.startsWith(".") && PictureSearch.isIndex(one)) {
            String own = version.matches() ? version.group(1) : name;
            all.put(own, new IndexVersions(folder, own));
          }
        }
      }
    }
    return List.copyOf(all.values());
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
    for (Path one : versions(null).values()) {
      if (PictureSearch.isIndex(one)) {
        all.add(one);
      }
    }
    return all;
  }

  /** By version, the newest first: folders, or files where an ending is given. */
  Map<Integer, Path> versions(String ending) throws IOException {
    Map<Integer, Path> all = new TreeMap<>(Comparator.reverseOrder());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path one : inside.toList()) {
          Matcher version = VERSION.matcher(one.getFileName().toString());
          if (version.matches()
              && version.group(1).equals(name)
              && (ending == null ? version.group(3) == null : ending.equals(version.group(3)))) {
            all.put(Integer.parseInt(version.group(2)), one);
          }
        }
      }
    }
    return new LinkedHashMap<>(all);
  }
}
