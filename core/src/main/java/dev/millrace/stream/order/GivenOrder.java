package dev.millrace.stream.order;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream whose chunks are sets a person lists, in that order. The sets may have different class
 * lists: to pre-training a chunk is just pictures, and labels index the chunk's own classes.
 */
public final class GivenOrder {
  private GivenOrder() {}

  /**
   * Each set a chunk, in the order given.
   *
   * @throws IllegalArgumentException if there is no set, or one of them is empty
   */
  public static ImageStream stream(List<ImageSet> sets) {
    if (sets.isEmpty()) {
      throw UsageException.ofWord(
          "no set is given; a given stream needs at least one, each becomes a chunk");
    }
    List<Chunk> chunks = new ArrayList<>();
    for (ImageSet set : sets) {
      Parts.requirePictures(set);
      chunks.add(new Chunk(chunks.size(), set.name(), set));
    }
    return new ImageStream("given", chunks);
  }
}
