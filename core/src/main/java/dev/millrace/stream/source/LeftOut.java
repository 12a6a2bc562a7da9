package dev.millrace.stream.source;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a folder or archive holds and its set does not, counted by kind, with a few names of each.
 * Immutable.
 *
 * @param kinds only kinds that were met
 */
public record LeftOut(Map<Kind, Names> kinds) {
  /** Nothing is left out. */
  public static final LeftOut NONE = new LeftOut(Map.of());

  /** Makes the map immutable, in the order of the kinds. */
  public LeftOut {
    Map<Kind, Names> ordered = new EnumMap<>(Kind.class);
    ordered.putAll(kinds);
    kinds = Collections.unmodifiableMap(ordered);
  }

  /** Why something is left out. */
  public enum Kind {
    /** Hidden files and folders, and what archivers and file servers add of their own. */
    HIDDEN("hidden"),
    /** Devices, pipes and sockets. */
    SPECIAL("devices, pipes or sockets"),
    /** Links to what is not there, whose names say that they are no pictures. */
    DEAD_LINK("links that lead nowhere"),
    /** Entries whose path leads out of the archive, and that are no pictures. */
    OUTSIDE("entries that lead out of the archive"),
    /** Entries of an archive without a name. */
    NAMELESS("entries without a name"),
    /** Earlier versions of files that a tar holds again further on. */
    SUPERSEDED("earlier versions of files that the archive holds again"),
    /** Files that an archive before this one holds byte for byte. */
    COPY("copies of files of another archive");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** A few words for a person, to follow a count. */
    public String words() {
      return words;
    }

    /** The key in JSON, such as {@code dead_link}. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How many there are of a kind.
   *
   * @param count at least 1
   * @param first the first few, in the order met
   */
  public record Names(long count, List<String> first) {
    /** At most this many are named. */
    public static final int SHOWN = 5;

    /** Makes the list immutable. */
    public Names {
      first = List.copyOf(first);
    }

    /** As {@code 7: a, b, c, d, e, …}. */
    @Override
    public String toString() {
      return count + ": " + String.join(", ", first) + (count > first.size() ? ", …" : "");
    }
  }

  /** Whether nothing is left out. */
  public boolean isEmpty() {
    return kinds.isEmpty();
  }

  /** How many of a kind are left out. */
  public long count(Kind kind) {
    Names names = kinds.get(kind);
    return names == null ? 0 : names.count();
  }

  /** By kind: {@code count} and {@code names}. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    kinds.forEach(
        (kind, names) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("count", names.count());
          one.put("names", names.first());
          json.put(kind.key(), one);
        });
    return json;
  }

  /** A line per kind, such as {@code hidden 2: .git, .DS_Store}. */
  public List<String> lines() {
    return kinds.entrySet().stream()
        .map(one -> one.getKey().words() + " " + one.getValue())
        .collect(Collectors.toList());
  }

  /** Counts what is left out, kind by kind. Not thread-safe. */
  static final class Tally {
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final Map<Kind, List<String>> first = new EnumMap<>(Kind.class);

    /** One more of a kind. */
    void add(Kind kind, String name) {
      add(kind, 1, List.of(name));
    }

    /** So many more of a kind, of which some are named. */
    void add(Kind kind, long count, List<String> names) {
      counts.merge(kind, count, Long::sum);
      List<String> known = first.computeIfAbsent(kind, k -> new ArrayList<>());
      names.stream().limit(Names.SHOWN - known.size()).forEach(known::add);
    }

    /** Everything that another place leaves out, its names within a folder or archive. */
    void add(String within, LeftOut other) {
      other
          .kinds()
          .forEach(
              (kind, names) ->
                  add(
                      kind,
                      names.count(),
                      names.first().stream().map(name -> within + "/" + name).toList()));
    }

    /** What was counted until now. */
    LeftOut done() {
      Map<Kind, Names> kinds = new EnumMap<>(Kind.class);
      counts.forEach((kind, count) -> kinds.put(kind, new Names(count, first.get(kind))));
      return new LeftOut(kinds);
    }
  }
}
