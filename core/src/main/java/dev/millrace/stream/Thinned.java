package dev.millrace.stream;

import dev.millrace.draw.Draw;
import java.util.Arrays;

/** What {@code --images N} keeps of a set: N pictures of it, the same ones every time. */
public final class Thinned {
  private Thinned() {}

  /** A set's pictures thinned to so many, in their order; 0 keeps all. */
  public static ImageSet of(ImageSet set, int images) {
    return images == 0 || images >= set.size()
        ? set
        : set.subset(set.name(), places(set.size(), images));
  }

  /** Which of this many pictures are kept, fewer than there are, ascending. */
  public static int[] places(int pictures, int images) {
    int[] chosen = Draw.of(0, "images").sample(pictures, images);
    Arrays.sort(chosen);
    return chosen;
  }
}
