package dev.millrace.stream;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What {@code --images N} and {@code --images-per-class N} keep of a set: the same pictures for
 * every seed.
 */
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

  /**
   * A set's pictures thinned to so many of every class, or all where a class has fewer.
   *
   * @throws UsageException if a picture has no label
   */
  public static ImageSet byClass(ImageSet set, int images) {
    List<List<Integer>> classes = new ArrayList<>();
    set.classes().forEach(name -> classes.add(new ArrayList<>()));
    for (int i = 0; i < set.size(); i++) {
      int label = set.image(i).label();
      if (label == Image.NONE) {
        throw UsageException.of(
            "--images-per-class",
            "%d: %s of %s has no label; give a set of folders CLASS/image, or --images"
                .formatted(images, set.image(i).id(), set.name()));
      }
      classes.get(label).add(i);
    }
    List<Integer> chosen = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      List<Integer> all = classes.get(c);
      if (all.size() <= images) {
        chosen.addAll(all);
      } else {
        for (int i : Draw.of(0, "images-per-class", c).sample(all.size(), images)) {
          chosen.add(all.get(i));
        }
      }
    }
    int[] kept = chosen.stream().mapToInt(Integer::intValue).sorted().toArray();
    return kept.length == set.size() ? set : set.subset(set.name(), kept);
  }
}
