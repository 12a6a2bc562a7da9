package dev.millrace.recipe;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which pictures of a set the chunks of a run have seen, by their names in it; a picture that was
 * changed under its name counts as seen.
 */
final class SeenPictures {
  /** How a chunk's pictures were called. */
  @FunctionalInterface
  interface Names {
    ChunkNames of(int chunk) throws IOException;
  }

  /** A large chunk, and what stands before the set's names in it. */
  private record Large(int chunk, String front, ChunkNames names) {}

  /** By name in the set, the last of the small chunks that saw it. */
  private final Map<String, Integer> chunks = new HashMap<>();

  private final List<Large> large = new ArrayList<>();

  /**
   * @param settings of the run
   * @param entries its chunks
   * @param word how the settings call the set
   * @param name what the set calls itself
   * @param names of large chunks, which are asked for those alone that hold the set
   */
  SeenPictures(Settings settings, List<ChunkEntry> entries, String word, String name, Names names)
      throws IOException {
    int planned = entries.size() - settings.history().extensions().size();
    String front = front(settings, entries.subList(0, planned), word, name);
    for (ChunkEntry entry : entries) {
      String alone = Orders.setOf(settings, entry.index(), entries.size());
      String before = alone == null ? front : alone.equals(word) ? "" : null;
      if (before != null) {
        add(entry, before, names);
      }
    }
  }

  private void add(ChunkEntry entry, String front, Names names) throws IOException {
    if (entry.ids() == null) {
      large.add(new Large(entry.index(), front, names.of(entry.index())));
      return;
    }
    for (String id : entry.ids()) {
      if (id.startsWith(front)) {
        chunks.put(id.substring(front.length()), entry.index());
      }
    }
  }

  /** The last chunk that saw a picture of the set; -1 if none did. */
  private int chunkOf(String id) {
    int last = chunks.getOrDefault(id, -1);
    for (Large one : large) {
      if (one.chunk > last && one.names.contains(one.front + id)) {
        last = one.chunk;
      }
    }
    return last;
  }

  /** What stands before a set's names in chunks that mix several sets; null if it is in none. */
  private static String front(
      Settings settings, List<ChunkEntry> entries, String word, String name) {
    if (!settings.data().sets().contains(word)) {
      return null;
    }
    if (settings.data().sets().size() == 1) {
      return "";
    }
    Set<String> fronts = new HashSet<>();
    for (ChunkEntry entry : entries) {
      if (entry.fronts() != null) {
        fronts.addAll(entry.fronts());
      }
      for (String id : entry.ids() == null ? List.<String>of() : entry.ids()) {
        fronts.add(id.substring(0, id.indexOf('/') + 1));
      }
    }
    // Sets of one name, which words may hide, are told apart by their order.
    List<String> sets = settings.data().sets();
    List<String> names =
        sets.stream()
            .map(other -> other.equals(word) ? name : Catalogue.nameOf(settings.place(other)))
            .toList();
    String front = Union.fronts(names).get(sets.indexOf(word)) + "/";
    return fronts.contains(front) ? front : null;
  }

  /** The pictures of the set that no chunk has seen. */
  ImageSet without(ImageSet set) {
    return set.where(id -> chunkOf(id) < 0);
  }

  /** For each picture of the set that was seen, the last chunk that saw it. */
  List<Integer> chunksOf(ImageSet set) {
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      int chunk = chunkOf(set.image(i).id());
      if (chunk >= 0) {
        seen.add(chunk);
      }
    }
    return seen;
  }
}
