package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Symbolic links of an archive, followed as a file system would after unpacking it: to files and
 * folders of the archive, through other links. Not thread-safe.
 */
final class Links {
  /** Linux follows this many links on the way to one file. */
  private static final int FOLLOWED = 40;

  /** Links to folders that hold links to folders multiply. */
  private static final long MOST = 10_000_000;

  private static final int BETWEEN_STOPS = 1024;

  private final String container;
  private final TreeMap<String, Image.Content> files;
  private final TreeMap<String, String> links;
  private final LeftOut.Tally leftOut;
  private final BooleanSupplier stop;

  /** What links lead to; apart from the files, so that nothing is found twice. */
  private final Map<String, Image.Content> found = new TreeMap<>();

  private long listed;

  /**
   * @param files by path; gains what links lead to
   * @param links what each link says, by its path
   */
  Links(
      String container,
      TreeMap<String, Image.Content> files,
      TreeMap<String, String> links,
      LeftOut.Tally leftOut,
      BooleanSupplier stop) {
    this.container = container;
    this.files = files;
    this.links = links;
    this.leftOut = leftOut;
    this.stop = stop;
  }

  /**
   * Adds what the links lead to.
   *
   * @throws IllegalArgumentException if a link leads nowhere and might be a folder, or leads back
   *     to a folder that it lies in
   */
  void resolve() {
    for (String link : links.keySet()) {
      if (!Listing.hidden(link)) {
        follow(link, link, Set.of());
      }
    }
    found.forEach(files::putIfAbsent);
  }

  /**
   * Lists what a link leads to.
   *
   * @param link where the link lies
   * @param at where it is listed, which differs in a folder that is itself linked
   * @param on folders that a walk on the way here is within
   */
  private void follow(String link, String at, Set<String> on) {
    String target = target(link);
    if (target != null && files.containsKey(target)) {
      list(at, files.get(target));
      return;
    }
    if (target == null || !isFolder(target)) {
      if (!dead(container, at, SetPath.shown(links.get(link)), found, leftOut)) {
        throw leadsNowhere(container, at, SetPath.shown(links.get(link)));
      }
      return;
    }
    Set<String> within = new HashSet<>(on);
    for (String above = link; !above.isEmpty(); ) {
      above = SetPath.folder(above);
      within.add(above);
    }
    if (within.contains(target)) {
      throw UsageException.ofWord(
          "%s: %s is a link back to a folder that it lies in, so the pictures would have no end; take the link out and pack it again"
              .formatted(container, SetPath.shown(at)));
    }
    within.add(target);
    int skipped = target.length();
    below(files, target).forEach((path, content) -> list(at + path.substring(skipped), content));
    for (String inner : List.copyOf(below(links, target).keySet())) {
      follow(inner, at + inner.substring(skipped), within);
    }
  }

  private void list(String at, Image.Content content) {
    if (++listed % BETWEEN_STOPS == 0) {
      Listing.heed(stop);
    }
    if (listed > MOST) {
      throw UsageException.ofWord(
          "%s: its links lead to more than %d files; take links out and pack it again"
              .formatted(container, MOST));
    }
    found.putIfAbsent(at, content);
  }

  private boolean isFolder(String path) {
    return path.isEmpty() || !below(files, path).isEmpty() || !below(links, path).isEmpty();
  }

  /** What lies in a folder. */
  private static <V> SortedMap<String, V> below(TreeMap<String, V> map, String folder) {
    // '0' follows '/'.
    return folder.isEmpty() ? map : map.subMap(folder + "/", folder + "0");
  }

  /** Where a link leads, all links on the way followed; null if out of the archive or in a ring. */
  private String target(String link) {
    Deque<String> way = new ArrayDeque<>(List.of(link.split("/")));
    List<String> done = new ArrayList<>();
    for (int followed = 0; !way.isEmpty(); ) {
      String part = way.pollFirst();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        if (done.isEmpty()) {
          return null;
        }
        done.remove(done.size() - 1);
        continue;
      }
      done.add(part);
      String next = links.get(String.join("/", done));
      if (next != null) {
        if (++followed > FOLLOWED || next.startsWith("/")) {
          return null;
        }
        done.remove(done.size() - 1);
        String[] parts = next.split("/");
        for (int i = parts.length - 1; i >= 0; i--) {
          way.addFirst(parts[i]);
        }
      }
    }
    return String.join("/", done);
  }

  /**
   * Lists a link that leads nowhere as a picture that cannot be read, if it is named like one, and
   * counts it as left out if it is surely none.
   *
   * @return false if it might be a folder of pictures
   */
  static boolean dead(
      String container,
      String path,
      String target,
      Map<String, Image.Content> files,
      LeftOut.Tally leftOut) {
    if (Listing.picture(path)) {
      files.put(
          path,
          new BoundedBytes.Unreadable(
              "it is a link to %s, which %s does not hold".formatted(target, container),
              Image.UNKNOWN));
      return true;
    }
    if (Listing.hidden(path) || Listing.surelyNoPicture(path)) {
      leftOut.add(LeftOut.Kind.DEAD_LINK, SetPath.shown(path));
      return true;
    }
    return false;
  }

  static IllegalArgumentException leadsNowhere(String container, String path, String target) {
    return UsageException.ofWord(
        "%s: %s is a link to %s, which the archive does not hold; pack it again with what the link leads to (tar -h), or without the link"
            .formatted(container, SetPath.shown(path), target));
  }
}
