package dev.millrace.stream.order;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The instance-incremental stream of Hu et al., "How Well Does Self-Supervised Pre-Training Perform
 * with Streaming Data?" (ICLR 2022): a uniformly random split into equal parts, so all chunks have
 * one distribution.
 */
public final class InstanceOrder {
  private InstanceOrder() {}

  /**
   * Splits a set into random parts whose sizes differ by at most 1.
   *
   * @param chunks number of parts, 1 … size of the set
   * @param seed decides which picture falls into which part
   * @throws IllegalArgumentException outside that range, or if the set is empty
   */
  public static ImageStream stream(ImageSet set, int chunks, long seed) {
    Parts.requireAtLeastOne(chunks);
    Parts.requirePictures(set);
    int n = set.size();
    if (chunks > n) {
      throw UsageException.of(
          "--chunks",
          chunks
              + " is more than the "
              + n
              + " pictures of "
              + set.name()
              + "; an instance stream can have 1 to "
              + n
              + " chunks");
    }
    int[] shuffled = Draw.of(seed, "instance order").permutation(n);
    List<Chunk> parts = new ArrayList<>();
    for (int c = 0; c < chunks; c++) {
      int[] part =
          Arrays.copyOfRange(shuffled, Parts.start(n, chunks, c), Parts.start(n, chunks, c + 1));
      Arrays.sort(part);
      String name = "part " + (c + 1) + " of " + chunks;
      parts.add(new Chunk(c, name, set.subset(set.name() + ", " + name, part)));
    }
    return new ImageStream("instance", parts);
  }
}
