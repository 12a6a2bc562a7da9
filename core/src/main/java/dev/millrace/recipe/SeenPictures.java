package dev.millrace.recipe;

import dev.millrace.stream.ImageSet;
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
  /** By name in the set, the last chunk that saw it. */
  private final Map<String, Integer> chunks = new HashMap<>();

  /**
   * @param settings of the run
   * @param entries its chunks
   * @param word how the settings call the set
   * @param name what the set calls itself
   */
  SeenPictures(Settings settings, List<RunChunks.Entry> entries, String word, String name) {
    int planned = entries.size() - settings.history().extensions().size();
    String front = front(settings, entries.subList(0, planned), word, name);
    for (RunChunks.Entry entry : entries) {
      int index = entry.index();
      if (index >= planned) {
        if (settings.history().extensions().get(index - planned).equals(word)) {
          entry.ids().forEach(id -> chunks.put(id, index));
        }
      } else if (settings.stream().order() == StreamOrder.GIVEN) {
        if (settings.data().sets().get(index).equals(word)) {
          entry.ids().forEach(id -> chunks.put(id, index));
        }
      } else if (front != null) {
        for (String id : entry.ids()) {
          if (id.startsWith(front)) {
            chunks.put(id.substring(front.length()), index);
          }
        }
      }
    }
  }

  /** What stands before a set's names in chunks that mix several sets; null if it is in none. */
  private static String front(
      Settings settings, List<RunChunks.Entry> entries, String word, String name) {
    if (!settings.data().sets().contains(word)) {
      return null;
    }
    if (settings.data().sets().size() == 1) {
      return "";
    }
    Set<String> fronts = new HashSet<>();
    for (RunChunks.Entry entry : entries) {
      for (String id : entry.ids()) {
        fronts.add(id.substring(0, id.indexOf('/') + 1));
      }
    }
    List<String> own = new ArrayList<>();
    for (int n = 1; own.size() < n && n <= settings.data().sets().size(); n++) {
      String front = (n == 1 ? name : name + "~" + n) + "/";
      if (fronts.contains(front)) {
        own.add(front);
      }
    }
    // Sets of one name are told apart by their order.
    int place = 0;
    for (String other : settings.data().sets().subList(0, settings.data().sets().indexOf(word))) {
      place += RunChunks.nameOf(settings, other).equals(RunChunks.nameOf(settings, word)) ? 1 : 0;
    }
    return place < own.size() ? own.get(place) : null;
  }

  /** The pictures of the set that no chunk has seen. */
  ImageSet without(ImageSet set) {
    return set.where(id -> !chunks.containsKey(id));
  }

  /** For each picture of the set that was seen, the last chunk that saw it. */
  List<Integer> chunksOf(ImageSet set) {
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      Integer chunk = chunks.get(set.image(i).id());
      if (chunk != null) {
        seen.add(chunk);
      }
    }
    return seen;
  }
}
