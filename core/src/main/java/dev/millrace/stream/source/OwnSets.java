package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Sets that a program hands in, by their words, such as {@code program:camera}. Immutable. */
final class OwnSets {
  static final OwnSets NONE = new OwnSets(Map.of());

  /** What their words begin with. */
  private static final String PREFIX = "program:";

  private final Map<String, DataSet> sets;

  private OwnSets(Map<String, DataSet> sets) {
    this.sets = sets;
  }

  static boolean isWord(String set) {
    return set.startsWith(PREFIX);
  }

  static String nameOf(String word) {
    return word.substring(PREFIX.length());
  }

  static String word(String name) {
    return PREFIX + name;
  }

  /**
   * These and one more.
   *
   * @throws IllegalArgumentException if it has no name, another has the same, or its pictures are
   *     not to be told from each other
   */
  OwnSets with(DataSet set) {
    if (set.name().isBlank()) {
      throw new IllegalArgumentException(
          "a set that is handed in needs a name, by which a run remembers it");
    }
    if (sets.containsKey(word(set.name()))) {
      throw new IllegalArgumentException(
          "two sets are called "
              + set.name()
              + "; a run tells them apart by name: give one another name");
    }
    set.splits().values().forEach(OwnSets::check);
    Map<String, DataSet> more = new LinkedHashMap<>(sets);
    more.put(word(set.name()), set);
    return new OwnSets(more);
  }

  private static void check(ImageSet part) {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < part.size(); i++) {
      Image image = part.image(i);
      if (image.id() == null || image.id().isBlank() || !ids.add(image.id())) {
        throw new IllegalArgumentException(
            "picture %d of %s is called '%s'%s; every picture needs a name of its own, which is the same in the next process"
                .formatted(
                    i,
                    part.name(),
                    image.id(),
                    ids.contains(image.id()) ? ", as one before it" : ""));
      }
      within("label", image.label(), part.classes().size(), "classes", image, part);
      within("domain", image.domain(), part.domains().size(), "domains", image, part);
    }
  }

  private static void within(
      String what, int index, int count, String names, Image image, ImageSet part) {
    if (index != Image.NONE && (index < 0 || index >= count)) {
      throw new IllegalArgumentException(
          "the %s %d of picture '%s' is none of the %d %s of %s; give an index into %s(), or Image.NONE"
              .formatted(what, index, image.id(), count, names, part.name(), names));
    }
  }

  /**
   * The set of a word.
   *
   * @throws IllegalArgumentException if it was not handed in
   */
  DataSet open(String word) {
    DataSet set = sets.get(word);
    if (set == null) {
      throw UsageException.of(
          "--data",
          "%s is no file but a set that a Java program handed in under the name %s; it has to hand it in again, as Catalogue.standard().with(set)%s"
              .formatted(
                  word,
                  word.substring(PREFIX.length()),
                  sets.isEmpty() ? "" : "; handed in are " + String.join(", ", sets.keySet())));
    }
    return set;
  }

  /** Refuses a set without files where files are needed. */
  static IllegalArgumentException noFiles(String word) {
    return UsageException.of(
        "--data",
        word
            + " was handed in by a program and has no files, where annotations or folders are needed; give a folder or archive");
  }
}
