package dev.millrace.exchange.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the vectors of an index are of. Vectors of two encoders say nothing of each other, so an
 * index is asked only by the origin that it was made of.
 *
 * @param encoder SHA-256 of the encoder's file, hex
 * @param data fingerprint of the set: of its pictures' names and classes
 * @param size side of what the encoder saw, pixels
 * @param precision that it computed in
 * @param pictures how many the set has
 * @param sets what the sets are called
 * @param sizes checksum of the pictures' encoded sizes; null where they are not known
 * @param words by which the sets are opened again, in whichever state they are then; null where
 *     that is not known
 * @param layout what their folders mean, in the words of {@code --layout}
 * @param mark what whoever makes it knows it by again; null for nothing
 */
record Origin(
    String encoder,
    String data,
    int size,
    String precision,
    int pictures,
    List<String> sets,
    String sizes,
    List<String> words,
    String layout,
    String mark) {
  static final String ENCODER = "encoder-sha256";

  /** For indexes that are not brought to another encoder. */
  Origin(
      String encoder,
      String data,
      int size,
      String precision,
      int pictures,
      List<String> sets,
      String sizes) {
    this(encoder, data, size, precision, pictures, sets, sizes, null, null, null);
  }

  private static final String SIZES = "picture-sizes";

  /** Where the sets lie: not what they are, so never compared. */
  static final String WORDS = "data";

  static final String LAYOUT = "layout";

  /** Not what it is of, so never compared. */
  static final String MARK = "mark";

  private static final String SETS = "sets";

  private static final String FORMAT = "millrace-search-2";

  /** Without keys: cannot be kept up, but asked. */
  private static final String OLDER = "millrace-search-1";

  /** What vectors depend on; all else says of which pictures they are. */
  private static final Set<String> OF_VECTORS = Set.of(ENCODER, "size", "precision");

  /** For the index's commits. */
  Map<String, String> commit() {
    Map<String, String> commit = compared();
    if (words != null) {
      commit.put(WORDS, IndexFolder.list(words));
      commit.put(LAYOUT, layout);
    }
    if (mark != null) {
      commit.put(MARK, mark);
    }
    return commit;
  }

  private Map<String, String> compared() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("format", FORMAT);
    words.put(ENCODER, encoder);
    words.put("data-fingerprint", data);
    words.put("size", Integer.toString(size));
    words.put("precision", precision);
    words.put("pictures", Integer.toString(pictures));
    words.put(SETS, IndexFolder.list(sets));
    if (sizes != null) {
      words.put(SIZES, sizes);
    }
    return words;
  }

  /** Whether a commit is one of ours at all. */
  static boolean known(Map<String, String> words) {
    return FORMAT.equals(words.get("format")) || OLDER.equals(words.get("format"));
  }

  /**
   * Whether an index is of an earlier state of the same sets, or of some of them, with vectors as
   * they would be made now: then what is missing can be added.
   */
  boolean continues(Map<String, String> words) {
    return FORMAT.equals(words.get("format"))
        && OF_VECTORS.stream().allMatch(name -> compared().get(name).equals(words.get(name)))
        && sets.containsAll(IndexFolder.names(words.get(SETS)));
  }

  /**
   * The same with the mark of an index of it that is there, unless it has one itself.
   *
   * @param standing what the last commit of that says; null for nothing
   */
  Origin keepingMark(Map<String, String> standing) {
    if (mark != null || standing == null || !continues(standing)) {
      return this;
    }
    return new Origin(
        encoder, data, size, precision, pictures, sets, sizes, words, layout, standing.get(MARK));
  }

  /** Whether an index is of the form that had no keys by which a set may grow. */
  static boolean isOlder(Map<String, String> words) {
    return OLDER.equals(words.get("format"));
  }

  /** How an index's origin differs from this one, for a person; empty if it does not. */
  String difference(Map<String, String> words) {
    List<String> differences = new ArrayList<>();
    boolean older = isOlder(words);
    compared()
        .forEach(
            (name, asked) -> {
              String found = words.get(name);
              boolean unknown =
                  name.equals(SIZES) && found == null
                      || older && (name.equals(SETS) || name.equals("format"));
              if (!asked.equals(found) && !unknown) {
                differences.add(
                    "its %s is %s, asked for is %s"
                        .formatted(
                            name.equals("pictures") ? "number of pictures" : name.replace('-', ' '),
                            shown(found),
                            shown(asked)));
              }
            });
    return String.join("; ", differences);
  }

  private static String shown(String word) {
    return word != null && word.length() > 16 ? word.substring(0, 12) + "…" : word;
  }
}
