package dev.millrace.serve;

import dev.millrace.live.gate.VectorChange;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a kept index is worth to the encoder that is served. Immutable.
 *
 * @param index its name
 * @param version that is served
 * @param of the version that the index is of; 0 where no kept one has its checksum
 * @param pictures in the index
 * @param current whether there is one with vectors of the version that is served
 * @param recall of that one: of the ten nearest by exact search the share that its graph finds; NaN
 *     where there is none
 * @param change of the two encoders on pictures of the index; null where there is nothing to
 *     compare
 * @param fitted pictures that the bridge is fitted on
 * @param judged other pictures that it was measured on
 * @param bridge NaN where there is none to be measured; else of the ten nearest of each of these by
 *     vectors of the version that is served, the share that the bridge finds among the kept
 * @param bridged whether requests are answered over the bridge now
 */
public record VectorWorth(
    String index,
    int version,
    int of,
    int pictures,
    boolean current,
    double recall,
    VectorChange change,
    int fitted,
    int judged,
    double bridge,
    boolean bridged) {
  /** Its vectors are of the version that is served. */
  static VectorWorth current(String index, int version, int pictures, double recall) {
    return new VectorWorth(
        index, version, version, pictures, true, recall, null, 0, 0, Double.NaN, false);
  }

  /** Its vectors are of another version, and nothing is measured of the two. */
  static VectorWorth of(String index, int version, int of, int pictures, boolean bridged) {
    return new VectorWorth(
        index, version, of, pictures, false, Double.NaN, null, 0, 0, Double.NaN, bridged);
  }

  /** The same with what was measured. */
  VectorWorth measured(VectorChange found, int fittedOn, int judgedOn, double bridgeRecall) {
    return new VectorWorth(
        index,
        version,
        of,
        pictures,
        current,
        recall,
        found,
        fittedOn,
        judgedOn,
        bridgeRecall,
        bridged);
  }

  /** The same where requests are answered over the bridge from now on, or are not. */
  VectorWorth bridged(boolean now) {
    return new VectorWorth(
        index, version, of, pictures, current, recall, change, fitted, judged, bridge, now);
  }

  /** What to do about it: {@code none}, {@code bridge} or {@code embed}. */
  public String advice() {
    return current ? "none" : bridge >= KeptVectors.GOOD ? "bridge" : "embed";
  }

  /** In a sentence. */
  String words() {
    if (current) {
      return String.format(
          Locale.ROOT,
          "%s: %d pictures have vectors of version %d; the graph finds %.1f %% of the ten nearest",
          index,
          pictures,
          version,
          100 * recall);
    }
    String kept = of == 0 ? "an encoder that is not kept" : "version " + of;
    if (change == null) {
      return "%s: too few pictures to compare %s with version %d".formatted(index, kept, version);
    }
    return String.format(
        Locale.ROOT,
        "%s: %d pictures have vectors of %s, and version %d is served: CKA %.3f, %.0f %% of a picture's %d nearest stay, recall@10 over a bridge %.3f%s",
        index,
        pictures,
        kept,
        version,
        change.cka(),
        100 * change.overlap(),
        change.neighbours(),
        bridge,
        bridged ? ", over which searches go now" : "");
  }

  /** For programs, by the names that {@code live vectors --json} has. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("index", index);
    json.put("pictures", pictures);
    json.put("version", version);
    json.put("index_version", of == 0 ? null : of);
    json.put("recall", number(recall));
    json.put("cka", change == null ? null : number(change.cka()));
    json.put("neighbours_kept", change == null ? null : change.overlap());
    json.put("bridge_recall", number(bridge));
    json.put("bridge_fitted", fitted);
    json.put("bridge_judged", judged);
    json.put("bridged", bridged);
    json.put("advice", advice());
    return json;
  }

  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
