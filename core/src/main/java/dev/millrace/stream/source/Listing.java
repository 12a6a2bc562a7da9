package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * The files of a folder or archive by their path inside it, sorted, with {@code /} between parts;
 * hidden files and what archivers add of their own are left out.
 */
final class Listing {
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

  /** An ending with a letter first: a folder may well be called v1.0. */
  private static final Pattern ENDING =
      Pattern.compile(".+\\.[A-Za-z][A-Za-z0-9]{0,7}", Pattern.DOTALL);

  private final TreeMap<String, Image.Content> files;
  private final LeftOut.Tally leftOut;

  /** What archives hold under a path that several of them have. */
  private final Map<String, Versions> versions = new HashMap<>();

  /** Whether files whose name does not say are pictures. */
  private final Map<String, Boolean> looked = new HashMap<>();

  /** Folders that hold nothing. */
  private final TreeSet<String> empty;

  private Listing(
      TreeMap<String, Image.Content> files, LeftOut.Tally leftOut, TreeSet<String> empty) {
    this.files = files;
    this.leftOut = leftOut;
    this.empty = empty;
  }

  /**
   * A listing of all files but the hidden ones, which are counted: a hidden folder once.
   *
   * @param all given away
   * @param folders that were named
   */
  static Listing of(
      TreeMap<String, Image.Content> all, LeftOut.Tally leftOut, SortedSet<String> folders) {
    String before = null;
    for (Iterator<String> paths = all.keySet().iterator(); paths.hasNext(); ) {
      String path = paths.next();
      int end = hiddenEnd(path);
      if (end < 0) {
        continue;
      }
      paths.remove();
      String hidden = path.substring(0, end);
      if (!hidden.equals(before)) { // what lies in one folder is sorted together
        leftOut.add(LeftOut.Kind.HIDDEN, SetPath.shown(hidden));
        before = hidden;
      }
    }
    return new Listing(all, leftOut, empty(all, folders));
  }

  /** The folders in which no file lies, but those within another of them. */
  private static TreeSet<String> empty(
      TreeMap<String, Image.Content> files, SortedSet<String> folders) {
    TreeSet<String> empty = new TreeSet<>();
    for (String folder : folders) {
      String first = files.ceilingKey(folder + "/");
      boolean holds = first != null && first.startsWith(folder + "/");
      if (!holds && !within(folder, empty) && !hidden(folder)) {
        empty.add(folder);
      }
    }
    return empty;
  }

  private static boolean within(String folder, TreeSet<String> others) {
    for (int i = folder.lastIndexOf('/'); i > 0; i = folder.lastIndexOf('/', i - 1)) {
      if (others.contains(folder.substring(0, i))) {
        return true;
      }
    }
    return false;
  }

  /** Folders that hold nothing, as an archive or the disk names them. */
  SortedSet<String> empty() {
    return empty;
  }

  /** What is not listed; whoever leaves out more adds it here. */
  LeftOut.Tally leftOut() {
    return leftOut;
  }

  /** Ends a listing that is to stop. */
  static void heed(BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while a set was listed");
    }
  }

  /** Whether a path leads into what is left out. */
  static boolean hidden(String path) {
    return hiddenEnd(path) >= 0;
  }

  /** Where the name of the hidden file or folder ends that a path leads into; -1 if into none. */
  static int hiddenEnd(String path) {
    for (int from = 0; from < path.length(); ) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      String part = path.substring(from, end);
      if (part.startsWith(".") && !isDots(part) || SYSTEM.contains(part.toLowerCase(Locale.ROOT))) {
        return end;
      }
      from = end + 1;
    }
    return -1;
  }

  private static boolean isDots(String part) {
    return part.equals(".") || part.equals("..");
  }

  /** Whether a path names a picture, by its ending. */
  static boolean picture(String path) {
    return PICTURES.contains(path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** Whether a path's ending says that it is no picture; a folder's name rarely has one. */
  static boolean surelyNoPicture(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return !picture(path) && ENDING.matcher(name).matches();
  }

  /**
   * Adds the files of an archive. A path that is taken already is a copy, and left out, if the
   * bytes are the same; otherwise both stay, and the later one gains the archive's path: {@code
   * cat/1.jpg} becomes {@code cat/1~tue.zip.jpg}, which leaves its folders' meaning alone, as long
   * as no folder is made of the path's slashes.
   */
  void merge(Listing archive, String name, BooleanSupplier stop) {
    leftOut.add(name, archive.leftOut.done());
    empty.addAll(archive.empty);
    for (Map.Entry<String, Image.Content> file : archive.files.entrySet()) {
      heed(stop);
      String path = file.getKey();
      Image.Content first = files.putIfAbsent(path, file.getValue());
      if (first == null) {
        continue;
      }
      Versions met = versions.computeIfAbsent(path, k -> new Versions(first));
      if (!met.add(file.getValue())) {
        leftOut.add(LeftOut.Kind.COPY, name + "/" + path);
        continue;
      }
      int dot = path.lastIndexOf('.') > path.lastIndexOf('/') ? path.lastIndexOf('.') : -1;
      String stem = dot < 0 ? path : path.substring(0, dot);
      String ending = dot < 0 ? "" : path.substring(dot);
      String flat = name.replace('/', '~');
      String free = stem + "~" + flat + ending;
      while (files.containsKey(free) || archive.files.containsKey(free)) {
        stem += "~";
        free = stem + "~" + flat + ending;
      }
      files.put(free, file.getValue());
    }
  }

  /** The same files in a folder. */
  Listing under(String folder) {
    Listing inside = new Listing(new TreeMap<>(), leftOut, new TreeSet<>());
    empty.forEach(path -> inside.empty.add(folder + "/" + path));
    files.forEach((path, content) -> inside.files.put(folder + "/" + path, content));
    return inside;
  }

  /** Every file. */
  SortedMap<String, Image.Content> files() {
    return files;
  }

  /** The files that are pictures by their name's ending, or by their first bytes without one. */
  TreeMap<String, Image.Content> pictures() {
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

  /** A text file, in normal form C as all names of a set. */
  String text(String path) throws IOException {
    return SetPath.normal(
        new String(files.get(path).read(), java.nio.charset.StandardCharsets.UTF_8));
  }
}
