package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knob;
import dev.millrace.stream.source.Folders;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run notes in its file beside what was asked for: no flag sets it. Immutable.
 *
 * @param raisedMaxBad the share of bad pictures, raised by a later call, in [0, 1]; 0 for not
 * @param extensions sets that later became chunks of a stream that is not {@code given}
 * @param initSha256 checksum of the file of first weights; empty until the file was read
 * @param places where the sets lay that the run names by a path, by their words there
 * @param layouts what the folders of sets of extensions mean where it is not the run's layout
 * @param chunkSettings by the number of a chunk, from 0: settings of {@link Extension#SETTINGS}
 *     that it has to itself, and {@code new-only} where it is what its set had beyond earlier
 *     chunks
 * @param idle by flag name: what was given for methods and remedies that the run does not have; no
 *     result depends on it, but older files and ids have it
 */
public record HistorySettings(
    @Knob(housekeeping = true) double raisedMaxBad,
    @Knob(housekeeping = true) List<String> extensions,
    @Knob(name = "init-sha256") String initSha256,
    @Knob(housekeeping = true) Map<String, String> places,
    @Knob(housekeeping = true) Map<String, String> layouts,
    @Knob Map<String, Map<String, Object>> chunkSettings,
    Map<String, Object> idle) {

  /** Refuses values outside their ranges. */
  public HistorySettings {
    extensions = List.copyOf(extensions);
    places = Collections.unmodifiableMap(new TreeMap<>(places));
    layouts = Collections.unmodifiableMap(new TreeMap<>(layouts));
    layouts.values().forEach(Folders::of);
    chunkSettings = ChunkSettings.checked(chunkSettings);
    idle = Collections.unmodifiableMap(new TreeMap<>(idle));
    if (!(raisedMaxBad >= 0 && raisedMaxBad <= 1)) {
      throw UsageException.of("--max-bad", raisedMaxBad + " is not a share in 0 … 1");
    }
  }

  /** With a raised share. */
  public HistorySettings raisedMaxBad(double raisedMaxBad) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With these extensions. */
  public HistorySettings extensions(List<String> extensions) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With a checksum of first weights. */
  public HistorySettings initSha256(String initSha256) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With these places. */
  public HistorySettings places(Map<String, String> places) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With these layouts. */
  public HistorySettings layouts(Map<String, String> layouts) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With these settings of chunks. */
  public HistorySettings chunkSettings(Map<String, Map<String, Object>> chunkSettings) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** With these idle settings. */
  public HistorySettings idle(Map<String, Object> idle) {
    return new HistorySettings(
        raisedMaxBad, extensions, initSha256, places, layouts, chunkSettings, idle);
  }

  /** Nothing happened yet. */
  static HistorySettings none() {
    return new HistorySettings(0, List.of(), "", Map.of(), Map.of(), Map.of(), Map.of());
  }
}
