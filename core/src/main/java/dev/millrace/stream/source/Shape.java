package dev.millrace.stream.source;

import java.util.Collection;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a set's folders were found to be: where a picture's part, class and domain stand. */
enum Shape {
  FLAT("flat, without classes", -1, -1, -1),
  CLASS("CLASS/image", -1, 0, -1),
  DOMAIN("DOMAIN/CLASS/image", -1, 1, 0),
  PART("{train,test}/CLASS/image", 0, 1, -1),
  CLASS_PART("CLASS/{train,test}/image", 1, 0, -1),
  DOMAIN_PART("DOMAIN/{train,test}/CLASS/image", 1, 2, 0);

  private final String words;
  private final int part;
  private final int label;
  private final int domain;

  Shape(String words, int part, int label, int domain) {
    this.words = words;
    this.part = part;
    this.label = label;
    this.domain = domain;
  }

  String words() {
    return words;
  }

  /**
   * The shape that parts have: at the top, or below classes or domains.
   *
   * @param paths every picture's
   */
  static Shape parted(Collection<String> paths) {
    Supplier<Stream<String[]>> seen = () -> paths.stream().map(path -> path.split("/"));
    boolean second = seen.get().allMatch(s -> s.length > 2 && Part.of(s[1]) != null);
    if (!second || seen.get().anyMatch(s -> Part.of(s[0]) != null)) {
      return PART;
    }
    boolean deep = seen.get().allMatch(s -> s.length > 3 && !Masks.plain(s[2]));
    return deep ? DOMAIN_PART : CLASS_PART;
  }

  /** A picture's part; all is learned from where folders name none; null if this one's does not. */
  Part part(String... steps) {
    return part < 0 ? Part.TRAIN : steps.length - 1 > part ? Part.within(steps[part]) : null;
  }

  /**
   * A picture's class; null without one.
   *
   * @param twice top folders that hold nothing but a folder of their own meaning, as {@code
   *     training_set/training_set} does
   */
  String label(Set<String> twice, String... steps) {
    return step(this == PART && twice.contains(steps[0]) ? label + 1 : label, steps);
  }

  /** A picture's domain; null without one. */
  String domain(String... steps) {
    return step(domain, steps);
  }

  private static String step(int at, String... steps) {
    return at >= 0 && at < steps.length - 1 ? steps[at] : null;
  }
}
