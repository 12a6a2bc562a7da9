package dev.millrace.recipe;

import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What chunks have to themselves, by their number from 0 as text, as {@link Settings#chunkSettings}
 * keeps it.
 */
final class ChunkSettings {
  /** Where it is true, the chunk is what its set had beyond the pictures of earlier chunks. */
  static final String NEW_ONLY = "new-only";

  private ChunkSettings() {}

  /**
   * A copy that no one can change, chunks in order.
   *
   * @throws IllegalArgumentException for what is no chunk's number, and a setting that no chunk can
   *     have to itself
   */
  static Map<String, Map<String, Object>> checked(Map<String, Map<String, Object>> given) {
    Map<Integer, Map<String, Object>> byNumber = new TreeMap<>();
    List<String> names = new ArrayList<>(Extension.SETTINGS);
    names.add(NEW_ONLY);
    given.forEach(
        (chunk, own) -> {
          if (!chunk.matches("0|[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException(
                "chunk-settings: %s is no number of a chunk; they count from 0".formatted(chunk));
          }
          own.keySet()
              .forEach(
                  name ->
                      Choice.check(
                          "chunk-settings of " + chunk, name, names.toArray(String[]::new)));
          byNumber.put(Integer.valueOf(chunk), Collections.unmodifiableMap(new TreeMap<>(own)));
        });
    Map<String, Map<String, Object>> checked = new LinkedHashMap<>();
    byNumber.forEach((chunk, own) -> checked.put(chunk.toString(), own));
    return Collections.unmodifiableMap(checked);
  }

  /** The settings that a chunk has to itself. */
  static Map<String, Object> of(Settings settings, int chunk) {
    Map<String, Object> own = new TreeMap<>(all(settings, chunk));
    own.remove(NEW_ONLY);
    return own;
  }

  /** The settings of a run as a chunk has them. */
  static Settings at(Settings settings, int chunk) {
    Map<String, Object> own = of(settings, chunk);
    if (own.isEmpty()) {
      return settings;
    }
    if (chunk == 0 || own.containsKey("warmup") || !settings.schedule().endless()) {
      return settings.with(own);
    }
    // The run's warm-up is over, and may be longer than this chunk; it counts where no chunk before
    // had pictures.
    Settings at = settings.training(t -> t.warmup(0)).with(own);
    double half = at.training().epochs() / 2.0;
    return at.training(t -> t.warmup(Math.min(settings.training().warmup(), half)));
  }

  /** Whether a chunk is what its set had beyond the pictures of earlier chunks. */
  static boolean newOnly(Settings settings, int chunk) {
    return Boolean.TRUE.equals(all(settings, chunk).get(NEW_ONLY));
  }

  private static Map<String, Object> all(Settings settings, int chunk) {
    return settings.history().chunkSettings().getOrDefault(Integer.toString(chunk), Map.of());
  }

  /** Settings of a stream that ends after some of its chunks. */
  static Settings first(Settings settings, int chunks) {
    Map<String, Map<String, Object>> own = new LinkedHashMap<>(settings.history().chunkSettings());
    own.keySet().removeIf(chunk -> Integer.parseInt(chunk) >= chunks);
    return settings.with(Map.of("chunks", chunks, "chunk-settings", own));
  }

  /** The first chunk after a chunk that is learned with other threads or on another device. */
  static int until(Settings settings, int chunk, int chunks) {
    Settings now = settings.ofChunk(chunk);
    int until = Math.min(chunk + 1, chunks);
    while (until < chunks
        && settings.ofChunk(until).machine().threads() == now.machine().threads()
        && settings.ofChunk(until).machine().device().equals(now.machine().device())) {
      until++;
    }
    return until;
  }
}
