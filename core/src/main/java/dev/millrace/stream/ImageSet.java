package dev.millrace.stream;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A finite set of pictures with random access, in a fixed order that is the same in every process
 * and on every machine. Thread-safe.
 */
public interface ImageSet {
  /** What a person calls it: {@code cifar10}, or the folder's name. */
  String name();

  /** Number of pictures. */
  int size();

  /**
   * The picture at an index in 0 … size − 1; reads no pixels.
   *
   * @throws IndexOutOfBoundsException outside that range
   */
  Image image(int index);

  /** Names of the classes that labels index; empty if the set has no labels. */
  List<String> classes();

  /** Names of the domains that domains index; empty if the set has none. */
  List<String> domains();

  /**
   * A part of this set: the pictures at these indices, in this order, with the same classes and
   * domains.
   */
  default ImageSet subset(String name, int... indices) {
    return new Subset(name, this, Arrays.copyOf(indices, indices.length));
  }

  /** The part of this set whose pictures have wanted ids, in the same order; all is this set. */
  default ImageSet where(Predicate<String> wanted) {
    int[] kept = IntStream.range(0, size()).filter(i -> wanted.test(image(i).id())).toArray();
    return kept.length == size() ? this : subset(name(), kept);
  }

  /** A view of another set; see {@link #subset}. */
  final class Subset implements ImageSet {
    private final String name;
    private final ImageSet whole;
    private final int[] indices;

    private Subset(String name, ImageSet whole, int[] indices) {
      for (int index : indices) {
        if (index < 0 || index >= whole.size()) {
          throw new IndexOutOfBoundsException(
              "picture " + index + " of " + whole.name() + ", which has " + whole.size());
        }
      }
      this.name = name;
      this.whole = whole;
      this.indices = indices;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int size() {
      return indices.length;
    }

    @Override
    public Image image(int index) {
      return whole.image(indices[index]);
    }

    @Override
    public List<String> classes() {
      return whole.classes();
    }

    @Override
    public List<String> domains() {
      return whole.domains();
    }
  }
}
