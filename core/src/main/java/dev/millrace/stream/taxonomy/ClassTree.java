package dev.millrace.stream.taxonomy;

import java.util.Collection;
import java.util.List;

/** A taxonomy in which classes stand, by their names. Implementations are thread-safe. */
public interface ClassTree {
  /**
   * How far apart two classes are: symmetric, 0 for a class and itself, never negative.
   *
   * @throws UnmappedClassException if the tree does not know one of them
   */
  double distance(String a, String b);

  /** Whether the tree knows the class. */
  boolean knows(String name);

  /**
   * Where a class stands, for a person to check, such as {@code dog: dog%n02084071}.
   *
   * @throws UnmappedClassException if the tree does not know it
   */
  String describe(String name);

  /**
   * Checks that all classes are known.
   *
   * @throws UnmappedClassException naming all that are not
   */
  default void require(Collection<String> names) {
    List<String> unknown = names.stream().filter(name -> !knows(name)).toList();
    if (!unknown.isEmpty()) {
      throw new UnmappedClassException(unknown);
    }
  }
}
