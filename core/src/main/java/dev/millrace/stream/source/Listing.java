package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of a folder or archive by their path inside it, sorted, with {@code /} between parts;
 * hidden files and what archivers add of their own are left out.
 */
final class Listing {
  private static final java.util.Set<String> PICTURES =
      java.util.Set.of("jpg", "jpeg", "png", "webp", "ppm", "pgm", "bmp", "tif", "tiff", "gif");

  private final TreeMap<String, Image.Content> files = new TreeMap<>();

  void add(String path, Image.Content content) {
    if (!hidden(path)) {
      files.put(path, content);
    }
  }

  /** Whether a path leads into what is left out. */
  static boolean hidden(String path) {
    for (String part : path.split("/")) {
      if (part.startsWith(".") || part.equals("__MACOSX")) {
        return true;
      }
    }
    return false;
  }

  /** Whether a path names a picture, by its ending. */
  static boolean picture(String path) {
    return PICTURES.contains(path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** Every file. */
  SortedMap<String, Image.Content> files() {
    return files;
  }

  /** The files that are pictures by their name's ending. */
  SortedMap<String, Image.Content> pictures() {
    TreeMap<String, Image.Content> pictures = new TreeMap<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (picture(file.getKey())) {
        pictures.put(file.getKey(), file.getValue());
      }
    }
    return pictures;
  }

  /** The same without folders at the top that hold every picture, and without files beside them. */
  Listing stripped() {
    Listing now = this;
    while (true) {
      java.util.Set<String> pictures = now.pictures().keySet();
      java.util.Set<String> tops = new java.util.HashSet<>();
      int depth = 0;
      for (String path : pictures) {
        tops.add(path.substring(0, path.indexOf('/') + 1));
        depth = Math.max(depth, path.split("/").length);
      }
      // A set whose only top folder is a class or a split keeps it.
      if (tops.size() != 1 || depth < 3) {
        return now;
      }
      String top = tops.iterator().next();
      if (top.isEmpty() || top.matches("(train|test|val)/")) {
        return now;
      }
      Listing inner = new Listing();
      for (Map.Entry<String, Image.Content> file : now.files.entrySet()) {
        if (file.getKey().startsWith(top)) {
          inner.files.put(file.getKey().substring(top.length()), file.getValue());
        }
      }
      now = inner;
    }
  }

  String text(String path) throws IOException {
    return new String(files.get(path).read(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
