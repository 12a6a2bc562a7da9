package dev.millrace.probe.detection;

import dev.millrace.refusal.Some;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What was wrong with the annotations of a set, each by name, and what was done about it. Not
 * thread-safe.
 */
public final class Findings {
  /** A kind of fault, and the rule for it. */
  public enum Kind {
    /** No width or no height: there is nothing to find. */
    ZERO_AREA("skipped boxes of zero area"),
    /** Nothing of it is in the picture. */
    OUTSIDE("skipped boxes outside their picture"),
    /** It reaches out of the picture by more than a pixel, which is more than rounding. */
    REACHING("clipped boxes that reach out of their picture"),
    /** A class that no training picture has, or no category of the file. */
    UNKNOWN_CLASS("skipped boxes of classes that the training part does not have"),
    /** Only an outline or a caption. */
    NO_BOX("skipped annotations without a box"),
    /** Two categories of one name. */
    ONE_CLASS("took categories of one name for one class"),
    /** One image entered twice in the same words. */
    TWICE("took images that are listed twice once"),
    /** Captions, keypoints beside instances, image lists. */
    OTHER_FILE("left out files of other annotations"),
    /** An annotation without a picture, or a list naming a picture that is not there. */
    NO_PICTURE("left out annotations without a picture"),
    /** A picture without an annotation: nobody said that it is empty. */
    NO_ANNOTATION("left out pictures without an annotation"),
    /** EXIF turns or mirrors it, and not every tool that boxes are made with heeds that. */
    TURNED("took boxes of pictures that EXIF turns to be of the turned ones, as viewers show them"),
    /** Annotated, but in no part of the split that the set brings. */
    NO_PART("left out pictures that no list of the split names");

    private final String rule;

    Kind(String rule) {
      this.rule = rule;
    }
  }

  private static final int NAMED = 5;

  private final Map<Kind, List<String>> found = new EnumMap<>(Kind.class);

  void add(Kind kind, String what) {
    found.computeIfAbsent(kind, k -> new ArrayList<>()).add(what);
  }

  /** How many of a kind. */
  public int count(Kind kind) {
    return found(kind).size();
  }

  /** All of a kind by name, in the set's order. */
  public List<String> found(Kind kind) {
    return List.copyOf(found.getOrDefault(kind, List.of()));
  }

  /** A sentence for each kind that was found: what was done, how many, the first few by name. */
  public List<String> sentences() {
    return found.keySet().stream().map(this::sentence).toList();
  }

  /** That of one kind, of which something was found. */
  String sentence(Kind kind) {
    List<String> names = found(kind);
    return "%s (%d): %s".formatted(kind.rule, names.size(), Some.of(names, NAMED, "; "));
  }
}
