package dev.millrace.stream.order;

import dev.millrace.draw.Draw;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.Arrays;

/**
 * The random class-incremental stream of Hu et al. (ICLR 2022): classes are shuffled and dealt into
 * groups; a chunk holds all pictures of its classes and no class is in two chunks.
 */
public final class ClassOrder {
  private ClassOrder() {}

  /**
   * Deals the classes that have pictures into groups whose class counts differ by at most 1.
   *
   * @param chunks number of groups, 2 … number of classes with pictures
   * @param seed decides which class falls into which group
   * @throws IllegalArgumentException outside that range, for a set of one class, and if a picture
   *     has no class (the message names such pictures)
   */
  public static ImageStream stream(ImageSet set, int chunks, long seed) {
    int[] classes = Parts.classesFor(set, chunks);
    int n = classes.length;
    int[] shuffled = Draw.of(seed, "class order").permutation(n);
    int[][] groups = new int[chunks][];
    for (int c = 0; c < chunks; c++) {
      groups[c] =
          Arrays.stream(shuffled, Parts.start(n, chunks, c), Parts.start(n, chunks, c + 1))
              .map(i -> classes[i])
              .sorted()
              .toArray();
    }
    return Parts.grouped("class", set, Parts.labels(set), set.classes(), "classes", groups);
  }
}
