package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * New data for a finished run, and how it is to be learned. Immutable.
 *
 * @param set a known name, a folder, an archive, or {@code generated}
 * @param layout what the folders of the set mean, as {@code --layout} says; null for what the run's
 *     settings say
 * @param maxBad share of a chunk's pictures that may fail to decode from now on, in [0, 1] and not
 *     below what the run allows; null leaves it
 * @param newOnly whether to learn only those pictures of the set that no chunk of the run has seen,
 *     by their names in it: for a folder that has grown
 * @param settings by flag name, of {@link #SETTINGS}: what the new chunk has to itself; others are
 *     the run's
 * @param kept by flag name, of {@link Settings#KEPT}: how the run is kept and watched from now on
 */
public record Extension(
    String set,
    String layout,
    Double maxBad,
    boolean newOnly,
    Map<String, Object> settings,
    Map<String, Object> kept) {
  /** What a chunk can have to itself. */
  public static final List<String> SETTINGS =
      List.of("epochs", "batch", "lr", "warmup", "threads", "device");

  /** Refuses settings that no chunk can have to itself. */
  public Extension {
    settings = Map.copyOf(settings);
    kept = new Resumption(maxBad, kept).kept();
    for (String name : settings.keySet()) {
      if (!SETTINGS.contains(name)) {
        throw UsageException.of(
            "--" + name,
            ": the chunk of an extension has to itself only %s; all else is the run's"
                .formatted(String.join(", ", SETTINGS)));
      }
    }
  }

  /** A whole set, learned as the run's chunks were. */
  public static Extension of(String set) {
    return new Extension(set, null, null, false, Map.of(), Map.of());
  }

  /** With {@link #layout}. */
  public Extension withLayout(String named) {
    return new Extension(set, named, maxBad, newOnly, settings, kept);
  }

  /** With {@link #maxBad}. */
  public Extension withMaxBad(Double share) {
    return new Extension(set, layout, share, newOnly, settings, kept);
  }

  /** With {@link #newOnly}. */
  public Extension onlyNew(boolean only) {
    return new Extension(set, layout, maxBad, only, settings, kept);
  }

  /**
   * With one of {@link #SETTINGS} or of {@link Settings#KEPT}.
   *
   * @param value null for the run's
   */
  public Extension with(String name, Object value) {
    if (Settings.KEPT.contains(name)) {
      Map<String, Object> kept = new Resumption(maxBad, this.kept).with(name, value).kept();
      return new Extension(set, layout, maxBad, newOnly, settings, kept);
    }
    Map<String, Object> changed = new TreeMap<>(settings);
    if (value == null) {
      changed.remove(name);
    } else {
      changed.put(name, value);
    }
    return new Extension(set, layout, maxBad, newOnly, changed, kept);
  }
}
