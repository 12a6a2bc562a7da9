package dev.millrace.exchange;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.DataSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Parts of a set, one after another, under the names that the set gives them. Thread-safe. */
public final class Pictures implements ImageSet {
  /** Every part. */
  public static final String ALL = "all";

  private final List<String> names = new ArrayList<>();
  private final List<ImageSet> parts = new ArrayList<>();
  private final String name;
  private final int size;

  /**
   * @param part one of the set's, or {@link #ALL}
   * @param images pictures of each part at most; 0 for all
   * @throws IllegalArgumentException if there are none
   */
  public Pictures(DataSet set, String part, int images) {
    name = set.name();
    int all = 0;
    for (Map.Entry<String, ImageSet> one : set.splits().entrySet()) {
      if (part.equals(ALL) || part.equals(one.getKey())) {
        ImageSet kept = Thinned.of(one.getValue(), images);
        names.add(one.getKey());
        parts.add(kept);
        all = Math.addExact(all, kept.size());
      }
    }
    size = all;
    if (size == 0) {
      throw new IllegalArgumentException(
          "--part %s: %s has no such pictures; it has %s"
              .formatted(
                  part,
                  name,
                  String.join(
                      ", ",
                      set.splits().entrySet().stream()
                          .map(e -> e.getValue().size() + " in " + e.getKey())
                          .toList())));
    }
  }

  /** The part that the picture at a place is of. */
  public String part(int index) {
    int at = 0;
    for (int i = index; i >= parts.get(at).size(); at++) {
      i -= parts.get(at).size();
    }
    return names.get(at);
  }

  /** The name of the class of a picture; null if it has none. */
  public String label(Image image) {
    return image.label() == Image.NONE ? null : classes().get(image.label());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Image image(int index) {
    Objects.checkIndex(index, size);
    int i = index;
    for (ImageSet part : parts) {
      if (i < part.size()) {
        return part.image(i);
      }
      i -= part.size();
    }
    throw new IllegalStateException("a place below the size is in one of the parts");
  }

  @Override
  public List<String> classes() {
    return parts.get(0).classes();
  }

  @Override
  public List<String> domains() {
    return parts.get(0).domains();
  }
}
