package dev.millrace.stream.source;

import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What several archives hold under one path. Sizes are compared first, and each file is read at
 * most once, however many there are. Not thread-safe.
 */
final class Versions {
  /** Files of a size whose checksum nobody needed yet. */
  private final Map<Long, Image.Content> single = new HashMap<>();

  /** Checksums of files of a size that several have. */
  private final Map<Long, Set<String>> several = new HashMap<>();

  Versions(Image.Content first) {
    single.put(first.size(), first);
  }

  /** Adds a file; false if it is a copy of one before it. One that cannot be read is no copy. */
  boolean add(Image.Content content) {
    long size = content.size();
    Image.Content only = single.remove(size);
    Set<String> sums = several.get(size);
    if (only == null && sums == null) {
      single.put(size, content);
      return true;
    }
    if (sums == null) {
      sums = new HashSet<>();
      several.put(size, sums);
      sums.add(sum(only, "first"));
    }
    return sums.add(sum(content, "number " + sums.size()));
  }

  private static String sum(Image.Content content, String otherwise) {
    try {
      return Sha256.of(content.read());
    } catch (IOException e) {
      return otherwise;
    }
  }
}
