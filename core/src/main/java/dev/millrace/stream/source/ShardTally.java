package dev.millrace.stream.source;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What shards hold beside pictures with a class: counted, with a few names. Not thread-safe. */
final class ShardTally {
  private static final int SHOWN = 5;
  private static final String NO_NAMES = "are neither a text nor a whole number";

  final LeftOut.Tally leftOut = new LeftOut.Tally();
  private final Map<String, Integer> others = new TreeMap<>();
  private final Few bare = new Few();
  private final Few noNames = new Few();

  /** What shards that were listed by themselves say of such labels. */
  private final List<String> said = new ArrayList<>();

  private long pictures;
  private boolean classes;

  /** How many there are, and the first of them. */
  private static final class Few {
    private final List<String> first = new ArrayList<>();
    private long count;

    void add(String one) {
      if (count++ < SHOWN) {
        first.add(one);
      }
    }

    String words() {
      return String.join(", ", first) + (count > SHOWN ? ", …" : "");
    }
  }

  /** A file that is no picture and says nothing of one. */
  void other(String path) {
    String ending = OtherFiles.ending(path);
    others.merge(ending.isEmpty() ? OtherFiles.NO_ENDING : "." + ending, 1, Integer::sum);
  }

  /** A label that is neither a text nor a whole number, in words. */
  void noName(String what) {
    noNames.add(SetPath.shown(what));
  }

  /** What a shard by itself counted beside its pictures. */
  void beside(PackedFile.Head shard) {
    shard.about().others().forEach(kind -> others.merge(kind.what(), kind.files(), Integer::sum));
    shard.about().notes().stream().filter(note -> note.contains(NO_NAMES)).forEach(said::add);
    shard.leftOut().forEach((kind, names) -> leftOut.add(kind, names.count(), names.first()));
  }

  void picture(String id, String label) {
    pictures++;
    classes |= label != null;
    if (label == null) {
      bare.add(id);
    }
  }

  /** What there is in the place of pictures, in words; empty where that tells nothing. */
  String instead() {
    if (others.keySet().stream().anyMatch(Archive::named)) {
      return ", but archives: unpack it once, and give the folder";
    }
    return others.keySet().stream().anyMatch(Listing::picture)
        ? ": the key of a sample ends at the first dot of a name, and what is called KEY.WORD.jpg is no picture of it; rename these"
        : "";
  }

  long pictures() {
    return pictures;
  }

  /** How the set was read. */
  About about(String layout) {
    List<OtherFiles> kinds = new ArrayList<>();
    others.forEach(
        (ending, files) ->
            kinds.add(new OtherFiles(ending, files, "beside the pictures of the shards")));
    kinds.sort(Comparator.comparingInt(OtherFiles::files).reversed());
    List<String> notes = new ArrayList<>(said);
    if (classes && bare.count > 0) {
      notes.add(
          "%d of %d pictures have no class: %s".formatted(bare.count, pictures, bare.words()));
    }
    if (noNames.count > 0) {
      notes.add(
          "%d labels %s, and their pictures have no class: %s"
              .formatted(noNames.count, NO_NAMES, noNames.words()));
    }
    int apart = others.getOrDefault(".cls", 0);
    if (bare.count > 0 && apart > 0) {
      notes.add(
          "%d KEY.cls stand apart from their pictures, which have no class then; write the shards again, the files of each sample one behind the other"
              .formatted(apart));
    }
    return new About(layout, kinds, List.copyOf(notes));
  }
}
