package dev.millrace.probe.detection;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Part;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The pictures of a set by their names' last parts. Annotations name pictures as the machine did
 * that they were made on: with folders of its own, drives, backslashes, as addresses, in another
 * case. Immutable after it is made.
 */
final class PictureNames {
  private static final int NAMED = 5;

  private final Map<String, List<String>> byLast = new HashMap<>();

  PictureNames(Iterable<String> paths) {
    for (String path : paths) {
      if (Catalogue.isPicture(path)) {
        byLast.computeIfAbsent(last(folded(path)), k -> new ArrayList<>()).add(path);
      }
    }
  }

  /**
   * The picture that a name means: beside the file if there is one, else the one whose last parts
   * are the same, as many as possible, unless name or file speak of another part of the split.
   *
   * @param file that has the name
   * @return null if there is none
   * @throws IllegalArgumentException if it may be any of several
   */
  String find(String file, String name) {
    String clean = clean(name);
    List<String> all = byLast.getOrDefault(last(folded(clean)), List.of());
    if (all.isEmpty() && name.contains("%")) {
      clean = decoded(clean);
      all = byLast.getOrDefault(last(folded(clean)), List.of());
    }
    String beside = file.substring(0, file.lastIndexOf('/') + 1) + clean;
    if (all.contains(beside)) {
      return beside;
    }
    String named = clean;
    List<String> left =
        all.stream()
            .filter(path -> fits(part(folder(named)), path) && fits(part(file), path))
            .toList();
    int longest = left.stream().mapToInt(path -> shared(path, named)).max().orElse(0);
    left = left.stream().filter(path -> shared(path, named) == longest).toList();
    if (left.size() > 1) {
      left = closest(left, file, named);
    }
    if (left.size() > 1) {
      throw UsageException.ofWord(
          "%s names %s, which may be any of %d pictures: %s%s; write its path into file_name"
              .formatted(
                  file,
                  name,
                  left.size(),
                  String.join(", ", left.subList(0, Math.min(NAMED, left.size()))),
                  left.size() > NAMED ? ", …" : ""));
    }
    return left.isEmpty() ? null : left.get(0);
  }

  /** Of equally likely ones those in the case as written, then those of the file's own part. */
  private static List<String> closest(List<String> paths, String file, String name) {
    List<String> exact = paths.stream().filter(p -> last(p).equals(last(name))).toList();
    List<String> left = exact.isEmpty() ? paths : exact;
    String part = part(file);
    List<String> same = left.stream().filter(p -> part != null && part.equals(part(p))).toList();
    return same.isEmpty() ? left : same;
  }

  private static boolean fits(String part, String path) {
    String own = part(folder(path));
    return part == null || own == null || part.equals(own);
  }

  /** The part of the split that a path speaks of, its last folders first; null for none. */
  static String part(String path) {
    String[] names = path.split("/");
    for (int i = names.length - 1; i >= 0; i--) {
      Part part = Part.within(names[i]);
      if (part != null) {
        return part.shortName();
      }
    }
    return null;
  }

  /** The part that a folder on the way to a file means, the nearest first; null for none. */
  static String folderPart(String path) {
    String[] names = path.split("/");
    for (int i = names.length - 2; i >= 0; i--) {
      Part part = Part.of(names[i]);
      if (part != null) {
        return part.shortName();
      }
    }
    return null;
  }

  /** With {@code /}, without drive, address and steps to where one is. */
  private static String clean(String name) {
    String plain = Normalizer.normalize(name.strip(), Normalizer.Form.NFC).replace('\\', '/');
    if (plain.matches("(?i)[a-z][a-z0-9+.-]+://.*")) {
      plain = plain.replaceFirst("[?#].*", "").replaceFirst("^[^:]+://[^/]*/?", "");
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : plain.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name; // a per cent sign of the name's own
    }
  }

  /** How many parts from the end are the same, in any case of letters. */
  private static int shared(String path, String name) {
    String[] a = folded(path).split("/");
    String[] b = folded(name).split("/");
    int n = 0;
    while (n < a.length && n < b.length && a[a.length - 1 - n].equals(b[b.length - 1 - n])) {
      n++;
    }
    return n;
  }

  private static String folded(String path) {
    return Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
