package dev.millrace.recipe;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sizes;
import dev.millrace.stream.Union;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which pictures of a set the chunks of a run have seen, by their names in it; a picture that was
 * changed under its name counts as seen. Where all of a set lies in one folder now and had others
 * beside it then, that folder stood before its names, and is tried there. Where a set lay in a
 * single folder then and has others beside it now, that folder stands before its names: a small
 * chunk of it is found again if all its pictures lie below one folder, with the sizes that they
 * had.
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

  /** What may have stood before a name of the set, as long as it had other folders. */
  private final List<String> around = new ArrayList<>(List.of(""));

  /** Names in the set, by small chunk, of the chunks of it alone none of which is found yet. */
  private final Map<Integer, List<String>> alone = new TreeMap<>();

  /**
   * @param settings of the run
   * @param entries its chunks
   * @param word how the settings call the set
   * @param whole the set as it is now
   * @param names of large chunks, which are asked for those alone that hold the set
   */
  SeenPictures(
      Settings settings,
      List<ChunkEntry> entries,
      String word,
      NamedSets.Learnable whole,
      Names names)
      throws IOException {
    int planned = entries.size() - settings.history().extensions().size();
    String front = front(settings, entries.subList(0, planned), word, whole.images().name());
    for (ChunkEntry entry : entries) {
      String only = Orders.setOf(settings, entry.index(), entries.size());
      String before = only == null ? front : only.equals(word) ? "" : null;
      if (before != null) {
        add(entry, before, names);
      }
    }
    String folders = whole.around();
    while (!folders.isEmpty()) {
      around.add(folders);
      folders = folders.substring(folders.indexOf('/') + 1);
    }
    findMoved(entries, whole.images());
  }

  private void add(ChunkEntry entry, String front, Names names) throws IOException {
    if (entry.ids() == null) {
      large.add(new Large(entry.index(), front, names.of(entry.index())));
      return;
    }
    List<String> own = new ArrayList<>();
    for (String id : entry.ids()) {
      if (id.startsWith(front)) {
        own.add(id.substring(front.length()));
        chunks.put(id.substring(front.length()), entry.index());
      }
    }
    if (own.size() == entry.ids().size() && !own.isEmpty()) {
      alone.put(entry.index(), own);
    }
  }

  /**
   * Finds the chunks again none of whose names the set has, since there is a folder before each.
   */
  private void findMoved(List<ChunkEntry> entries, ImageSet whole) {
    for (int i = 0; i < whole.size() && !alone.isEmpty(); i++) {
      for (String folders : around) {
        alone.remove(chunks.getOrDefault(folders + whole.image(i).id(), -1));
      }
    }
    alone.forEach(
        (chunk, ids) -> {
          List<String> folders = foldersBefore(ids, entries.get(chunk).sizes(), whole);
          if (folders.size() == 1) {
            ids.forEach(id -> chunks.merge(folders.get(0) + id, chunk, Math::max));
          }
        });
  }

  /** Below which folders of a set pictures lie with these names, in this order of these sizes. */
  private static List<String> foldersBefore(List<String> ids, String sizes, ImageSet whole) {
    List<String> found = new ArrayList<>();
    Map<String, Integer> rows = new HashMap<>();
    for (int i = 0; i < ids.size(); i++) {
      rows.put(ids.get(i), i);
    }
    for (int first = 0; first < whole.size() && sizes != null; first++) {
      String id = whole.image(first).id();
      if (!id.endsWith("/" + ids.get(0))) {
        continue;
      }
      String folder = id.substring(0, id.length() - ids.get(0).length());
      int[] places = new int[ids.size()];
      int there = 0;
      for (int i = 0; i < whole.size(); i++) {
        String name = whole.image(i).id();
        Integer row = name.startsWith(folder) ? rows.get(name.substring(folder.length())) : null;
        if (row != null) {
          places[row] = i;
          there++;
        }
      }
      if (there == ids.size() && sizes.equals(Sizes.of(whole.subset(whole.name(), places)))) {
        found.add(folder);
      }
    }
    return found;
  }

  /** The last chunk that saw a picture of the set; -1 if none did. */
  private int chunkOf(String id) {
    int last = -1;
    for (String folders : around) {
      last = Math.max(last, chunks.getOrDefault(folders + id, -1));
      for (Large one : large) {
        if (one.chunk > last && one.names.contains(one.front + folders + id)) {
          last = one.chunk;
        }
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
