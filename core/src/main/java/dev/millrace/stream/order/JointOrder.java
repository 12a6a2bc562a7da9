package dev.millrace.stream.order;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.util.List;

/** Joint training as a stream of a single chunk: the whole set at once, the paper's upper line. */
public final class JointOrder {
  private JointOrder() {}

  /**
   * The set as one chunk.
   *
   * @throws IllegalArgumentException if the set is empty
   */
  public static ImageStream stream(ImageSet set) {
    Parts.requirePictures(set);
    return new ImageStream("joint", List.of(new Chunk(0, "all of " + set.name(), set)));
  }
}
