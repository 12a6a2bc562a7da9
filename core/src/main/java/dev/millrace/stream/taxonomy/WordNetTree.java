package dev.millrace.stream.taxonomy;

import dev.millrace.file.Padded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.Exc;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.PointerTarget;
import net.sf.extjwnl.data.PointerType;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * The nouns of WordNet 3.0 (Fellbaum 1998), which ImageNet's classes are taken from. A class is a
 * WordNet id such as {@code n02084071}, or a name, taken as its first noun sense; underscores, case
 * and hyphens do not matter, and a plural is its singular. No word is left out of a name: what is
 * not in WordNet as a whole is unknown, rather than guessed. Distance is the least number of
 * hypernym edges from one to the other over a common hypernym. Thread-safe.
 */
public final class WordNetTree implements ClassTree {
  private static final Pattern ID = Pattern.compile("n\\d{8}");

  private final Dictionary dictionary;
  private final Map<String, Optional<Synset>> places = new ConcurrentHashMap<>();
  private final Map<String, Map<Long, Integer>> ancestors = new ConcurrentHashMap<>();

  private WordNetTree(Dictionary dictionary) {
    this.dictionary = dictionary;
  }

  /**
   * Opens the WordNet that ships with Millrace.
   *
   * @throws IllegalStateException if it is not on the class path
   */
  public static WordNetTree open() {
    try {
      return new WordNetTree(Dictionary.getDefaultResourceInstance());
    } catch (JWNLException e) {
      throw new IllegalStateException(
          "WordNet is not on the class path; expected extjwnl-data-wn30 there, or name a file by"
              + " --hierarchy FILE",
          e);
    }
  }

  @Override
  public double distance(String a, String b) {
    if (!knows(a) || !knows(b)) {
      require(List.of(a, b));
    }
    Map<Long, Integer> up = ancestors(a);
    int least = Integer.MAX_VALUE;
    for (Map.Entry<Long, Integer> other : ancestors(b).entrySet()) {
      Integer steps = up.get(other.getKey());
      if (steps != null) {
        least = Math.min(least, steps + other.getValue());
      }
    }
    if (least == Integer.MAX_VALUE) {
      throw new IllegalStateException(a + " and " + b + " have no common hypernym in WordNet");
    }
    return least;
  }

  @Override
  public boolean knows(String name) {
    return place(name).isPresent();
  }

  @Override
  public String describe(String name) {
    Synset synset = place(name).orElseThrow(() -> new UnmappedClassException(List.of(name)));
    return "%s: n%s %s (%s)"
        .formatted(
            name,
            Padded.of(synset.getOffset(), 8),
            synset.getWords().get(0).getLemma(),
            synset.getGloss());
  }

  /** Least number of edges up to each hypernym, the synset itself included; keys are offsets. */
  private Map<Long, Integer> ancestors(String name) {
    return ancestors.computeIfAbsent(name, n -> climb(place(n).orElseThrow()));
  }

  private synchronized Map<Long, Integer> climb(Synset from) {
    Map<Long, Integer> steps = new HashMap<>();
    Deque<Synset> open = new ArrayDeque<>();
    steps.put(from.getOffset(), 0);
    open.add(from);
    try {
      while (!open.isEmpty()) {
        Synset synset = open.remove();
        int next = steps.get(synset.getOffset()) + 1;
        for (PointerType type : List.of(PointerType.HYPERNYM, PointerType.INSTANCE_HYPERNYM)) {
          for (PointerTarget target : synset.getTargets(type)) {
            Synset above = target.getSynset();
            if (steps.putIfAbsent(above.getOffset(), next) == null) {
              open.add(above);
            }
          }
        }
      }
    } catch (JWNLException e) {
      throw new IllegalStateException("WordNet cannot be read above " + from, e);
    }
    return steps;
  }

  private Optional<Synset> place(String name) {
    return places.computeIfAbsent(name, this::find);
  }

  private synchronized Optional<Synset> find(String name) {
    String plain = name.strip().toLowerCase(Locale.ROOT);
    try {
      if (ID.matcher(plain).matches()) {
        return Optional.ofNullable(
            dictionary.getSynsetAt(POS.NOUN, Long.parseLong(plain.substring(1))));
      }
      // colts-foot, colts foot, coltsfoot
      List<String> spellings =
          List.of(
              plain.replace('_', ' '),
              plain.replaceAll("[_-]+", " "),
              plain.replaceAll("[_-]+", ""));
      for (String spelling : spellings) {
        Optional<Synset> place = firstSense(spelling);
        if (place.isPresent()) {
          return place;
        }
      }
      for (String spelling : spellings) {
        for (String singular : singulars(spelling)) {
          Optional<Synset> place = firstSense(singular);
          if (place.isPresent()) {
            return place;
          }
        }
      }
      return Optional.empty();
    } catch (JWNLException | RuntimeException e) {
      // An offset at which no synset starts makes the dictionary's parser fail.
      return Optional.empty();
    }
  }

  private Optional<Synset> firstSense(String lemma) throws JWNLException {
    // Not lookupIndexWord, which takes a part of the name where the whole is not there.
    IndexWord word = dictionary.getIndexWord(POS.NOUN, lemma);
    return word == null ? Optional.empty() : word.getSenses().stream().findFirst();
  }

  /** What a name may be the plural of: WordNet's own irregular ones, else by its ending. */
  private List<String> singulars(String name) throws JWNLException {
    Exc irregular = dictionary.getException(POS.NOUN, name);
    if (irregular != null) {
      return irregular.getExceptions();
    }
    List<String> singulars = new ArrayList<>();
    if (name.endsWith("s") && !name.endsWith("ss")) {
      singulars.add(name.substring(0, name.length() - 1));
    }
    if (name.endsWith("es")) {
      singulars.add(name.substring(0, name.length() - 2));
    }
    if (name.endsWith("ies")) {
      singulars.add(name.substring(0, name.length() - 3) + "y");
    }
    return singulars;
  }
}
