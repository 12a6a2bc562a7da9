package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a folder or archive by their path inside it, sorted, with {@code /} between parts;
 * hidden files and what archivers add of their own are left out.
 */
final class Listing {
  private static final Logger LOG = LoggerFactory.getLogger(Listing.class);
  private static final java.util.Set<String> PICTURES =
      java.util.Set.of(
          "jpg",
          "jpeg",
          "jpe",
          "jfif",
          "jif",
          "pjpeg",
          "pjp",
          "jpg_large",
          "jpeg_large",
          "png",
          "apng",
          "webp",
          "ppm",
          "pgm",
          "pbm",
          "pnm",
          "bmp",
          "dib",
          "tif",
          "tiff",
          "gif");

  /** What file servers and systems keep for themselves, in small letters. */
  private static final java.util.Set<String> SYSTEM =
      java.util.Set.of(
          "__macosx",
          "@eadir",
          "@tmp",
          "@recycle",
          "@recently-snapshot",
          "@sharebin",
          "#recycle",
          "#snapshot",
          "$recycle.bin",
          "recycler",
          "found.000",
          "system volume information",
          "lost+found",
          "network trash folder",
          "temporary items");

  private final TreeMap<String, Image.Content> files = new TreeMap<>();

  /** What archives hold under a path that several of them have. */
  private final Map<String, List<Image.Content>> versions = new HashMap<>();

  /** Whether files whose name does not say are pictures. */
  private final Map<String, Boolean> looked = new HashMap<>();

  private final LeftOut.Tally leftOut;

  Listing() {
    this(new LeftOut.Tally());
  }

  private Listing(LeftOut.Tally leftOut) {
    this.leftOut = leftOut;
  }

  void add(String path, Image.Content content) {
    if (hidden(path)) {
      leftOut.add(LeftOut.Kind.HIDDEN, path);
    } else {
      files.put(path, content);
    }
  }

  /** What is not listed; whoever leaves out more adds it here. */
  LeftOut.Tally leftOut() {
    return leftOut;
  }

  /** Whether a path leads into what is left out. */
  static boolean hidden(String path) {
    for (String part : path.split("/")) {
      if (part.startsWith(".") || SYSTEM.contains(part.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a path names a picture, by its ending. */
  static boolean picture(String path) {
    return PICTURES.contains(path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  private static boolean among(List<Image.Content> contents, byte[] bytes) throws IOException {
    for (Image.Content content : contents) {
      if (Arrays.equals(content.read(), bytes)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds the files of an archive. A path that is taken already is a copy, and left out, if the
   * bytes are the same; otherwise both stay, and the later one gains the archive's name: {@code
   * cat/1.jpg} becomes {@code cat/1~tue.zip.jpg}, which leaves its folders' meaning alone.
   */
  void merge(Listing archive, String name) throws IOException {
    int copies = 0;
    for (Map.Entry<String, Image.Content> file : archive.files.entrySet()) {
      String path = file.getKey();
      Image.Content first = files.putIfAbsent(path, file.getValue());
      if (first == null) {
        continue;
      }
      List<Image.Content> met =
          versions.computeIfAbsent(path, k -> new ArrayList<>(List.of(first)));
      if (among(met, file.getValue().read())) {
        copies++;
      } else {
        met.add(file.getValue());
        int dot = path.lastIndexOf('.') > path.lastIndexOf('/') ? path.lastIndexOf('.') : -1;
        String stem = dot < 0 ? path : path.substring(0, dot);
        String ending = dot < 0 ? "" : path.substring(dot);
        String free = stem + "~" + name + ending;
        while (files.containsKey(free) || archive.files.containsKey(free)) {
          stem += "~";
          free = stem + "~" + name + ending;
        }
        files.put(free, file.getValue());
      }
    }
    if (copies > 0) {
      LOG.info("{}: left out {} files that an archive before it holds byte for byte", name, copies);
    }
  }

  /** The same files in a folder. */
  Listing under(String folder) {
    Listing inside = new Listing(leftOut);
    files.forEach((path, content) -> inside.files.put(folder + "/" + path, content));
    return inside;
  }

  /** Every file. */
  SortedMap<String, Image.Content> files() {
    return files;
  }

  /** The files that are pictures by their name's ending, or by their first bytes without one. */
  SortedMap<String, Image.Content> pictures() {
    TreeMap<String, Image.Content> pictures = new TreeMap<>();
    for (Map.Entry<String, Image.Content> file : files.entrySet()) {
      if (picture(file.getKey())
          || OtherFiles.worthALook(file.getKey())
              && looked.computeIfAbsent(file.getKey(), path -> looksLike(file.getValue()))) {
        pictures.put(file.getKey(), file.getValue());
      }
    }
    return pictures;
  }

  private static boolean looksLike(Image.Content content) {
    try {
      return Magic.picture(content.head(Magic.BYTES));
    } catch (IOException e) {
      return false; // counted among the files that are no pictures
    }
  }

  String text(String path) throws IOException {
    return new String(files.get(path).read(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
