package dev.millrace.exchange.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the vectors of an index are of. Vectors of two encoders say nothing of each other, so an
 * index is asked only by the origin that it was made of.
 *
 * @param encoder SHA-256 of the encoder's file, hex
 * @param data fingerprint of the set: of its pictures' names and classes
 * @param size side of what the encoder saw, pixels
 * @param precision that it computed in
 * @param pictures how many the set has
 * @param sizes checksum of the pictures' encoded sizes; null where they are not known
 */
record Origin(String encoder, String data, int size, String precision, int pictures, String sizes) {
  private static final String SIZES = "picture-sizes";

  private static final String FORMAT = "millrace-search-1";

  /** For the index's commits. */
  Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("format", FORMAT);
    words.put("encoder-sha256", encoder);
    words.put("data-fingerprint", data);
    words.put("size", Integer.toString(size));
    words.put("precision", precision);
    words.put("pictures", Integer.toString(pictures));
    if (sizes != null) {
      words.put(SIZES, sizes);
    }
    return words;
  }

  /** Whether a commit is one of ours at all. */
  static boolean known(Map<String, String> words) {
    return FORMAT.equals(words.get("format"));
  }

  /** How an index's origin differs from this one, for a person; empty if it does not. */
  String difference(Map<String, String> words) {
    List<String> differences = new ArrayList<>();
    words()
        .forEach(
            (name, asked) -> {
              String found = words.get(name);
              boolean older = name.equals(SIZES) && found == null;
              if (!asked.equals(found) && !older) {
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
