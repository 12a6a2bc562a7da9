package dev.millrace.live.gate;

import dev.millrace.live.LiveSettings;
import dev.millrace.refusal.Require;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How candidates of a live run are judged; kept in live.yaml. Immutable.
 *
 * @param judge {@code self} for pictures of the stream without labels, or the word of a labelled
 *     set
 * @param margin loss of accuracy that is still not worse, in (0, 1)
 * @param confidence of that, in (0.5, 1)
 * @param images pictures at most: drawn of the stream, or learned from of a labelled set
 * @param reverts whether what was learned is taken back where the candidate is worse, and its chunk
 *     set aside; else learning goes on from it
 */
public record GateSettings(
    String judge, double margin, double confidence, int images, boolean reverts) {
  /** {@link #judge} of who judges by the stream itself. */
  public static final String SELF = "self";

  private static final double MARGIN_SELF = 0.05;
  private static final double MARGIN_SET = 0.02;
  private static final double CONFIDENCE = 0.95;
  private static final int IMAGES_SELF = 256;
  private static final int IMAGES_SET = 5000;

  /** Refuses what is out of range. */
  public GateSettings {
    Require.that(!judge.isBlank(), "found no judge; give self or a labelled set");
    NonInferiority.requireMargin(margin);
    NonInferiority.requireConfidence(confidence);
    Require.component(images >= 4, "images", images + " is below 4; give 256 or more");
  }

  /** Those of a word, with the defaults. */
  public static GateSettings of(String judge) {
    boolean self = judge.equals(SELF);
    return new GateSettings(
        judge, self ? MARGIN_SELF : MARGIN_SET, CONFIDENCE, self ? IMAGES_SELF : IMAGES_SET, false);
  }

  /** As kept by {@link #asMap}; what is missing is at its default. */
  public static GateSettings of(Map<String, Object> kept) {
    GateSettings standard = of(String.valueOf(kept.getOrDefault("judge", SELF)));
    return new GateSettings(
        standard.judge(),
        number(kept, "margin", standard.margin()),
        number(kept, "confidence", standard.confidence()),
        (int) number(kept, "images", standard.images()),
        LiveSettings.REVERT.equals(kept.get(LiveSettings.ON_FAIL)));
  }

  /** The same, with another answer to a worse candidate. */
  public GateSettings reverting(boolean goesBack) {
    return new GateSettings(judge, margin, confidence, images, goesBack);
  }

  private static double number(Map<String, Object> kept, String name, double standard) {
    Object found = kept.get(name);
    Require.that(
        found == null || found instanceof Number,
        "gate: %s is %s, expected a number".formatted(name, found));
    return found == null ? standard : ((Number) found).doubleValue();
  }

  /** By name, for live.yaml. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("judge", judge);
    map.put("margin", margin);
    map.put("confidence", confidence);
    map.put("images", images);
    map.put(LiveSettings.ON_FAIL, reverts ? LiveSettings.REVERT : "hold");
    return map;
  }
}
