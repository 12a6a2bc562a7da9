package dev.millrace.recipe;

import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Classes of several sets: by name, so that sets may be domains of one, or each set's own, since 0
 * of digits and 0 of clothes are two. Which of both is meant, no name tells.
 */
public final class OwnClasses {
  /** Of names that sets share. */
  private static final int NAMED = 3;

  private OwnClasses() {}

  /** Whether a run tells classes of its sets apart; an only set has nothing to be told from. */
  static boolean in(Settings settings) {
    return settings.data().ownClasses() && settings.data().sets().size() > 1;
  }

  /**
   * A set as a run's chunks have it.
   *
   * @param word in the settings
   */
  public static ImageSet of(Settings settings, String word, ImageSet set) {
    return in(settings) ? Union.apart(front(settings, word), set) : set;
  }

  /** By the words, and not by where a set lies now: classes are in what chunks are known by. */
  private static String front(Settings settings, String word) {
    Set<String> words = new LinkedHashSet<>(settings.data().sets());
    words.addAll(settings.history().extensions());
    words.add(word);
    List<String> fronts = Union.fronts(words.stream().map(OwnClasses::called).toList());
    return fronts.get(new ArrayList<>(words).indexOf(word));
  }

  private static String called(String word) {
    if (Catalogue.isName(word) || Catalogue.isRemote(word)) {
      return word;
    }
    Path file = Path.of(word).normalize().getFileName();
    return file == null || file.toString().isEmpty() ? word : file.toString();
  }

  /**
   * Refuses an order that looks names of classes up.
   *
   * @throws UsageException naming the flag and the mend
   */
  static void check(Settings settings) {
    if (in(settings) && settings.stream().order() == StreamOrder.DISTANT) {
      throw UsageException.of(
          "--own-classes",
          "true calls classes after their sets, and --stream distant looks their names up; leave one of them out");
    }
  }

  /** A sentence where sets that are learned by labels call classes alike, which are one then. */
  static Optional<String> shared(Settings settings, List<ImageSet> sets) {
    if (!PartSettings.supervised(settings) || settings.data().ownClasses()) {
      return Optional.empty();
    }
    Set<String> words = new HashSet<>();
    Set<String> seen = new HashSet<>();
    Set<String> twice = new LinkedHashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      if (words.add(settings.data().sets().get(i))) {
        List<String> classes = sets.get(i).classes();
        classes.stream().filter(seen::contains).forEach(twice::add);
        seen.addAll(classes);
      }
    }
    return twice.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "several sets of --data have classes called %s, and each name is one class; if they are not, give --own-classes true"
                .formatted(Some.of(List.copyOf(twice), NAMED)));
  }
}
