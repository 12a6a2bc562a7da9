package dev.millrace.stream.order;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the orders share: equal shares, the pictures of each class or domain, and their errors. */
final class Parts {
  private static final int NAMES_SHOWN = 5;

  private Parts() {}

  /**
   * Start of part i of n things in equal parts that differ by at most 1; part {@code parts} = n.
   */
  static int start(int n, int parts, int i) {
    return i * (n / parts) + Math.min(i, n % parts);
  }

  static void requireAtLeastOne(int chunks) {
    if (chunks < 1) {
      throw UsageException.of("--chunks", chunks + " makes no stream; give a number from 1 up");
    }
  }

  static void requirePictures(ImageSet set) {
    if (set.size() == 0) {
      throw UsageException.ofWord(
          set.name() + " has no pictures; a stream needs at least one, give another set");
    }
  }

  /** The labels that occur, ascending, checked to be enough for a class stream. */
  static int[] classesFor(ImageSet set, int chunks) {
    requireAtLeastOne(chunks);
    requirePictures(set);
    int[] labels = labels(set);
    List<String> unlabelled = new ArrayList<>();
    int missing = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == Image.NONE && missing++ < NAMES_SHOWN) {
        unlabelled.add(set.image(i).id());
      }
    }
    if (missing > 0) {
      throw UsageException.ofWord(
          missing
              + " of the "
              + labels.length
              + " pictures of "
              + set.name()
              + " have no class ("
              + String.join(", ", unlabelled)
              + (missing > NAMES_SHOWN ? ", …" : "")
              + "); a class stream needs a class for every picture: give the pictures classes,"
              + " leave these out, or take --stream instance");
    }
    int[] present = Arrays.stream(labels).distinct().sorted().toArray();
    if (present.length < 2) {
      throw UsageException.ofWord(
          set.name()
              + " has pictures of one class only ("
              + set.classes().get(present[0])
              + "), expected at least 2 for a class stream; give a set of more classes, or take"
              + " --stream instance");
    }
    if (chunks > present.length) {
      throw UsageException.of(
          "--chunks",
          chunks
              + " is more than the "
              + present.length
              + " classes of "
              + set.name()
              + "; a class stream can have 2 to "
              + present.length
              + " chunks");
    }
    if (chunks < 2) {
      throw UsageException.of(
          "--chunks",
          "1 leaves nothing to separate by class; a class stream of "
              + set.name()
              + " can have 2 to "
              + present.length
              + " chunks, or take --stream joint");
    }
    return present;
  }

  static int[] labels(ImageSet set) {
    return IntStream.range(0, set.size()).map(i -> set.image(i).label()).toArray();
  }

  /** The stream whose chunk c holds the pictures with a key in groups[c], in the set's order. */
  static ImageStream grouped(
      String order, ImageSet set, int[] keys, List<String> names, String kind, int[][] groups) {
    int[] group = new int[names.size()];
    int[] sizes = new int[groups.length];
    for (int c = 0; c < groups.length; c++) {
      for (int key : groups[c]) {
        group[key] = c;
      }
    }
    for (int key : keys) {
      sizes[group[key]]++;
    }
    int[][] members = new int[groups.length][];
    for (int c = 0; c < groups.length; c++) {
      members[c] = new int[sizes[c]];
    }
    int[] filled = new int[groups.length];
    for (int i = 0; i < keys.length; i++) {
      int c = group[keys[i]];
      members[c][filled[c]++] = i;
    }
    List<Chunk> chunks = new ArrayList<>();
    for (int c = 0; c < groups.length; c++) {
      String name =
          kind
              + " "
              + Arrays.stream(groups[c]).mapToObj(names::get).collect(Collectors.joining(", "));
      chunks.add(new Chunk(c, name, set.subset(set.name() + ", " + name, members[c])));
    }
    return new ImageStream(order, chunks);
  }
}
