package dev.millrace.recipe;

import dev.millrace.learn.method.Supervised;
import dev.millrace.recipe.SupervisedSettings.Head;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ChunkWords;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The head of a supervised method, as the data decides it and the method takes it. */
final class HeadSetting {
  private HeadSetting() {}

  /** These settings with a head that no data has to decide any more. */
  static Settings decided(Settings settings, RunChunks chunks) {
    if (!(settings.method() instanceof SupervisedSettings given) || given.head() != Head.AUTO) {
      return settings;
    }
    boolean own =
        chunks.count() > 1
            && disjoint(chunks)
            && chunks.entries().stream().allMatch(HeadSetting::tells);
    return settings.method(given.head(own ? Head.CHUNK : Head.FULL));
  }

  private static boolean disjoint(RunChunks chunks) {
    Set<String> seen = new HashSet<>();
    return chunks.entries().stream()
        .allMatch(entry -> new LinkedHashSet<>(entry.classes()).stream().allMatch(seen::add));
  }

  /** Whether there is anything to tell apart within a chunk. */
  private static boolean tells(ChunkEntry chunk) {
    return Set.copyOf(chunk.classes()).size() > 1;
  }

  /**
   * Refuses a head of the chunk over one class, whose loss is 0 whatever the encoder does.
   *
   * @throws IllegalArgumentException naming the chunk
   */
  static void check(Settings settings, RunChunks chunks) {
    if (!(settings.method() instanceof SupervisedSettings own) || own.head() != Head.CHUNK) {
      return;
    }
    for (ChunkEntry chunk : chunks.entries()) {
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
  static Supervised.Settings of(SupervisedSettings settings, RunChunks chunks) {
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
        settings.mlp(),
        switch (settings.head()) {
          case AUTO, FULL -> Supervised.Span.FULL;
          case CHUNK -> Supervised.Span.CHUNK;
          case NEW -> Supervised.Span.NEW;
        },
        own);
  }

  /**
   * Epochs of linear warm-up of a chunk: those of the settings, but at least {@code head-warmup}
   * where a new head meets an encoder that has learned, and never more than half of all.
   *
   * @param chunk counted from 0
   */
  static double warmup(Settings settings, int chunk) {
    double warmup = settings.training().warmup();
    return chunk == 0 || own(settings, chunk) || !isFresh(settings)
        ? warmup
        : Math.max(warmup, fresh(settings));
  }

  /**
   * Epochs of linear warm-up of a chunk after the first where the schedule itself warms up once:
   * those that a new head needs, or the chunk's own.
   */
  static double again(Settings settings, int chunk) {
    if (!isFresh(settings)) {
      return 0;
    }
    return own(settings, chunk) ? settings.training().warmup() : fresh(settings);
  }

  private static boolean own(Settings settings, int chunk) {
    return ChunkSettings.of(settings, chunk).containsKey("warmup");
  }

  /** Whether each chunk after the first starts with a new head. */
  static boolean isFresh(Settings settings) {
    return settings.method() instanceof SupervisedSettings method
        && (method.head() == Head.CHUNK || method.head() == Head.NEW);
  }

  private static double fresh(Settings settings) {
    double half = settings.training().epochs() / 2.0;
    return settings.method() instanceof SupervisedSettings method
        ? Math.min(method.headWarmup(), half)
        : 0;
  }
}
