package dev.millrace.serve;

import dev.millrace.refusal.Choice;
import dev.millrace.refusal.Require;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a live run does about kept vectors when another encoder is served. Immutable.
 *
 * @param action what is done
 * @param share of the time that it works, in (0, 1]
 */
public record VectorSettings(Action action, double share) {
  /** The name of {@link #action} in live.yaml and as a flag. */
  public static final String ACTION = "kept-vectors";

  /** The name of {@link #share} in live.yaml and as a flag. */
  public static final String SHARE = "vectors-share";

  /** A quarter of a core: learning keeps its pace. */
  public static final double STANDARD_SHARE = 0.25;

  /** What is done, each with what those before it do. */
  public enum Action {
    /** Nothing. */
    OFF,
    /** It is measured and said what they are worth. */
    SAY,
    /** Requests go over a bridge where it is good. */
    BRIDGE,
    /** Their pictures are embedded anew. */
    EMBED
  }

  /** Refuses a share out of range. */
  public VectorSettings {
    Require.flag(share > 0 && share <= 1, "--" + SHARE, share + " is not in (0, 1]");
  }

  /**
   * As kept by {@link #asMap}; what is missing is at its default, which is to say what they are
   * worth.
   *
   * @throws IllegalArgumentException for what is no action or no share
   */
  public static VectorSettings of(Map<String, Object> kept) {
    String action = String.valueOf(kept.getOrDefault(ACTION, "say"));
    Choice.check("--" + ACTION, action, "off", "say", "bridge", "embed");
    Object share = kept.getOrDefault(SHARE, STANDARD_SHARE);
    Require.flag(share instanceof Number, "--" + SHARE, share + " is no number in (0, 1]");
    return new VectorSettings(
        Action.valueOf(action.toUpperCase(Locale.ROOT)), ((Number) share).doubleValue());
  }

  /** By name, for live.yaml. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(ACTION, word());
    map.put(SHARE, share);
    return map;
  }

  String word() {
    return action.name().toLowerCase(Locale.ROOT);
  }
}
