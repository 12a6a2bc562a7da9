package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a call that continues a run changes of how the run is kept. Immutable.
 *
 * @param maxBad share of a chunk's pictures that may fail to decode from now on, in [0, 1] and not
 *     below what the run allows; null leaves it
 * @param kept by flag name, of {@link Settings#KEPT}: how the run is kept and watched from now on
 */
public record Resumption(Double maxBad, Map<String, Object> kept) {
  /** Refuses settings that a run keeps. */
  public Resumption {
    kept = Map.copyOf(kept);
    for (String name : kept.keySet()) {
      if (!Settings.KEPT.contains(name)) {
        throw UsageException.of(
            "--" + name,
            ": a run keeps it; only %s can be changed while it continues"
                .formatted(String.join(", ", Settings.KEPT)));
      }
    }
  }

  /** The run as it is. */
  public static Resumption unchanged() {
    return new Resumption(null, Map.of());
  }

  /** With {@link #maxBad}. */
  public Resumption withMaxBad(Double share) {
    return new Resumption(share, kept);
  }

  /**
   * With one of {@link Settings#KEPT}.
   *
   * @param value null for the run's
   */
  public Resumption with(String name, Object value) {
    Map<String, Object> changed = new TreeMap<>(kept);
    if (value == null) {
      changed.remove(name);
    } else {
      changed.put(name, value);
    }
    return new Resumption(maxBad, changed);
  }

  /** A run's settings with these changes. */
  Settings of(Settings settings) {
    return settings.with(kept).allowingBad(maxBad);
  }
}
