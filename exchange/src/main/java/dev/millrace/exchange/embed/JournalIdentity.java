package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a journal that was found is of.
 *
 * @param file the journal
 * @param words by name, what its vectors depend on
 */
record JournalIdentity(Path file, Map<String, String> words) {
  /** The sizes of the set's pictures; journals of older versions do not have it. */
  static final String SIZES = "sizes_sha256";

  /** What changes when sets grow, shrink or become others; a vector depends on none of it. */
  private static final Set<String> OF_SETS = Set.of("data_sha256", "pictures", SIZES);

  /**
   * Reads a journal's first line.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static JournalIdentity read(Path file, byte[] line) {
    try {
      return new JournalIdentity(
          file, JSON.readValue(line, new TypeReference<Map<String, String>>() {}));
    } catch (IOException e) {
      throw noJournal(file); // not JSON, or, with bytes of zero, not even text
    }
  }

  static IllegalArgumentException noJournal(Path file) {
    return UsageException.of(
        "--out",
        ": "
            + file
            + " is in the way and no unfinished embedding; move it elsewhere, or choose another --out");
  }

  /**
   * Refuses the journal of another embedding.
   *
   * @param anySets whether other sets, or another state of them, are no other embedding
   * @param keyed whether its vectors can be told apart, and so be taken over
   */
  void requireSame(Map<String, String> now, boolean anySets, boolean keyed) {
    List<String> other = new ArrayList<>();
    boolean ofSets = true;
    for (Map.Entry<String, String> one : now.entrySet()) {
      String name = one.getKey();
      boolean ignored = name.equals(SIZES) || anySets && keyed && OF_SETS.contains(name);
      if (!one.getValue().equals(words.get(name)) && !ignored) {
        other.add("%s is %s there and %s now".formatted(name, words.get(name), one.getValue()));
        ofSets &= OF_SETS.contains(name);
      }
    }
    if (!other.isEmpty()) {
      throw UsageException.of(
          "--out",
          ": %s is the beginning of another embedding: %s; give the command it was begun with, %sremove it to start over, or choose another --out"
              .formatted(
                  file,
                  String.join("; ", other),
                  ofSets && keyed
                      ? "add --keep-vectors to take over the vectors of pictures that did not change, "
                      : ""));
    }
  }

  /** Whether this is of other sets, or of another state of them. */
  boolean isEarlier(Map<String, String> now) {
    return OF_SETS.stream()
        .anyMatch(
            name ->
                words.containsKey(name)
                    && now.containsKey(name)
                    && !words.get(name).equals(now.get(name)));
  }

  /** Pictures exchanged under their names; a bad one may be mended, and then has another size. */
  void requireSizes(Map<String, String> identity) {
    String then = words.get(SIZES);
    String now = identity.get(SIZES);
    if (then != null && now != null && !then.equals(now)) {
      throw UsageException.of(
          "--out",
          ": %s is the beginning of an embedding of other pictures under the same names: their sizes changed; add --keep-vectors to take over the vectors of pictures that did not change, remove it to start over, or choose another --out"
              .formatted(file));
    }
  }
}
