package dev.millrace.recipe;

import dev.millrace.learn.method.Supervised;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the head of a supervised method spans, as {@code --head} says. Settings of older versions
 * knew only whether each chunk starts with a new head over all classes, {@code new-head}.
 */
public final class HeadSetting {
  /**
   * Decided by the data: {@link #CHUNK} where no class is in two chunks and each has two or more,
   * else {@link #FULL}.
   */
  public static final String AUTO = "auto";

  /** One head over all classes of the stream. */
  public static final String FULL = "full";

  /** Over all classes, and drawn anew with each chunk. */
  public static final String NEW = "new";

  /** A new head with each chunk, over the chunk's own classes. */
  public static final String CHUNK = "chunk";

  private static final String HEAD = "head";
  private static final String WARMUP = "head-warmup";
  private static final String BEFORE = "new-head";

  private HeadSetting() {}

  static String[] words() {
    return new String[] {AUTO, FULL, NEW, CHUNK};
  }

  /** These settings with a head that no data has to decide any more. */
  static Settings decided(Settings settings, RunChunks chunks) {
    if (!settings.head().equals(AUTO)) {
      return settings;
    }
    boolean own =
        PartSettings.supervised(settings)
            && chunks.count() > 1
            && disjoint(chunks)
            && chunks.entries().stream().allMatch(HeadSetting::tells);
    return settings.with(HEAD, own ? CHUNK : FULL);
  }

  private static boolean disjoint(RunChunks chunks) {
    Set<String> seen = new HashSet<>();
    return chunks.entries().stream()
        .allMatch(entry -> new LinkedHashSet<>(entry.classes()).stream().allMatch(seen::add));
  }

  /** Whether there is anything to tell apart within a chunk. */
  private static boolean tells(RunChunks.Entry chunk) {
    return Set.copyOf(chunk.classes()).size() > 1;
  }

  /**
   * Refuses a head of the chunk over one class, whose loss is 0 whatever the encoder does.
   *
   * @throws IllegalArgumentException naming the chunk
   */
  static void check(Settings settings, RunChunks chunks) {
    if (!PartSettings.supervised(settings) || !settings.head().equals(CHUNK)) {
      return;
    }
    for (RunChunks.Entry chunk : chunks.entries()) {
      if (!tells(chunk) && chunk.images() > 0) {
        throw UsageException.of(
            "--head",
            "chunk: %s has the class %s alone, and a head over one class learns nothing; give fewer --chunks, or --head full"
                .formatted(
                    ChunkWords.of(chunk.index(), chunk.name()),
                    String.join(", ", chunk.classes())));
      }
    }
  }

  /** The method's part of the settings. */
  static Supervised.Settings of(Settings settings, RunChunks chunks) {
    Map<String, Integer> places = new HashMap<>();
    chunks.classes().forEach(name -> places.putIfAbsent(name, places.size()));
    List<Set<Integer>> own =
        chunks.entries().stream()
            .map(
                entry -> {
                  Set<Integer> classes = new LinkedHashSet<>();
                  entry.classes().forEach(name -> classes.add(places.get(name)));
                  return (Set<Integer>) classes;
                })
            .toList();
    return new Supervised.Settings(
        chunks.classes().size(),
        settings.method().equals("supervised-mlp"),
        settings.head().equals(AUTO)
            ? Supervised.Span.FULL
            : Supervised.Span.valueOf(settings.head().toUpperCase(Locale.ROOT)),
        own);
  }

  /**
   * Epochs of linear warm-up of a chunk: those of the settings, but at least {@code head-warmup}
   * where a new head meets an encoder that has learned, and never more than half of all.
   *
   * @param chunk counted from 0
   */
  static double warmup(Settings settings, int chunk) {
    boolean fresh = settings.head().equals(CHUNK) || settings.head().equals(NEW);
    boolean own = ChunkSettings.of(settings, chunk).containsKey("warmup");
    return chunk == 0 || own || !fresh || !PartSettings.supervised(settings)
        ? settings.warmup()
        : Math.max(settings.warmup(), Math.min(settings.headWarmup(), settings.epochs() / 2.0));
  }

  /**
   * Settings by name in the form of now: what older versions wrote says what it said then.
   *
   * @param given changed or not, never written to
   */
  static Map<String, Object> ofBefore(Map<String, Object> given) {
    if (!given.containsKey(BEFORE)) {
      return given;
    }
    Map<String, Object> now = new LinkedHashMap<>(given);
    String word = String.valueOf(now.remove(BEFORE));
    if (!word.matches("true|false")) {
      throw new IllegalArgumentException(
          "new-head: %s is neither true nor false; it is called head now: full, chunk or new"
              .formatted(word));
    }
    boolean fresh = Boolean.parseBoolean(word);
    if (now.putIfAbsent(HEAD, fresh ? NEW : FULL) == null) {
      now.put(WARMUP, 0.0);
    }
    return now;
  }

  /**
   * Settings by name in the form of before where that says the same, so that what was known by them
   * stays known.
   *
   * @param given a finished run's or a planned one's, never written to
   */
  public static Map<String, Object> asBefore(Map<String, Object> given) {
    Map<String, Object> before = new TreeMap<>(given);
    Object head = given.get(HEAD);
    boolean supervised = String.valueOf(given.get("method")).startsWith("supervised");
    boolean classes = Set.of("class", "distant").contains(String.valueOf(given.get("stream")));
    boolean full = !supervised || FULL.equals(head) || AUTO.equals(head) && !classes;
    boolean fresh = supervised && NEW.equals(head) && Double.valueOf(0).equals(before.get(WARMUP));
    before.put(BEFORE, fresh);
    if (full || fresh) {
      before.remove(HEAD);
      before.remove(WARMUP);
    }
    return before;
  }
}
