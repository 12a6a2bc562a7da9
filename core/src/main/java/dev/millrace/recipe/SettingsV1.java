package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.file.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings as version 1 knew them: a flat map by flag name, with every method's and every remedy's
 * settings in it. Runs, encoders, checkpoints and studies of then are known by digests of that map,
 * and so are those of now: all that makes older files readable and equal is here.
 */
public final class SettingsV1 {
  private static final String HEAD = "head";
  private static final String WARMUP = "head-warmup";

  /** Of files older still: whether each chunk starts with a new head over all classes. */
  private static final String NEW_HEAD = "new-head";

  /**
   * Settings that version 1 grew: each with the value that means what was done without it, under
   * which it stands in no digest. Those that came later say so themselves ({@code neutral}).
   */
  private static final Map<String, Object> NEWER =
      Map.of(
          "init-sha256",
          "",
          "layout",
          "auto",
          "chunk-settings",
          Map.of(),
          "ewc",
          0.0,
          "cassle",
          0.0,
          "optimiser",
          "sgd",
          "projector-hidden",
          2048);

  /**
   * Settings of methods and remedies as they stood in version 1 where the run had neither; digests
   * have them for good, whatever the defaults become. What came later stands there in no digest.
   */
  private static final Map<String, Object> FOREIGN =
      Map.ofEntries(
          Map.entry("queue", "auto"),
          Map.entry("momentum", 0.995),
          Map.entry("temperature", 0.1),
          Map.entry("dim", 128),
          Map.entry("bn-splits", 1),
          Map.entry("symmetric-loss", false),
          Map.entry("projector-hidden", 2048),
          Map.entry(HEAD, "auto"),
          Map.entry(WARMUP, 1.0),
          Map.entry("replay", 0.0),
          Map.entry("memory-images", 0),
          Map.entry("replay-draw", "balanced"),
          Map.entry("mas", 0.0),
          Map.entry("ewc", 0.0),
          Map.entry("cassle", 0.0));

  /** What differs from machine to machine, or changes only how a study's run is kept. */
  private static final List<String> LOCAL =
      List.of(
          "threads",
          "ranks",
          "device",
          "keep",
          "keep-chunks",
          "log",
          "knn-every",
          "checkpoint-steps",
          "checkpoint-minutes");

  private SettingsV1() {}

  /**
   * Settings by name in the form of now: what older versions wrote says what it said then.
   *
   * @param given changed or not, never written to
   */
  static Map<String, Object> now(Map<String, ?> given) {
    Map<String, Object> now = new LinkedHashMap<>(given);
    if (!given.containsKey(NEW_HEAD)) {
      return now;
    }
    String word = String.valueOf(now.remove(NEW_HEAD));
    if (!word.matches("true|false")) {
      throw new IllegalArgumentException(
          "new-head: %s is neither true nor false; it is called head now: full, chunk or new"
              .formatted(word));
    }
    boolean fresh = Boolean.parseBoolean(word);
    if (now.putIfAbsent(HEAD, fresh ? "new" : "full") == null) {
      now.put(WARMUP, 0.0);
    }
    return now;
  }

  /** The settings that make an encoder what it is: no path, and nothing of how a run is kept. */
  public static Map<String, Object> published(Settings settings) {
    Map<String, Object> map = effective(settings);
    map.keySet().removeAll(SettingList.housekeeping());
    map.keySet().removeAll(Encoders.foreign(settings.encoder().name()));
    if (!Methods.of(settings).labels()) {
      map.replace(HEAD, "auto", "full"); // decided by the data, whatever the method
    }
    return map;
  }

  /** All settings by flag name, those of methods and remedies that the run does not have too. */
  static Map<String, Object> all(Settings settings) {
    Map<String, Object> all = new TreeMap<>(settings.asMap());
    all.keySet().retainAll(NamedSettings.chosen(settings).keySet());
    Map<String, Object> others = new TreeMap<>(FOREIGN);
    others.putAll(settings.history().idle());
    others.forEach(all::putIfAbsent);
    // A run from before the form was written down is known by what auto stands for.
    all.computeIfPresent("cassle-form", (name, form) -> RemedyNeeds.form(settings));
    all.computeIfPresent("pnr-negative", (name, weight) -> PnrNeeds.known(settings, weight));
    if (!RemedyNeeds.leavesOutOwn(settings)) {
      all.replace("lump-picture", "batch"); // nothing asks
    }
    return all;
  }

  /** Without a setting that is newer than runs which did without it and can still be resumed. */
  private static Map<String, Object> effective(Settings settings) {
    Map<String, Object> map = all(settings);
    leaveOutNewer(map);
    map.remove("images-per-class", 0);
    return map;
  }

  /** What a checkpoint depends on; the data is guarded by the chunks' own fingerprints. */
  public static String digest(Settings settings) {
    Map<String, Object> map = new TreeMap<>(beforeHeads(effective(settings)));
    map.keySet().removeAll(SettingList.housekeeping());
    map.keySet().removeAll(List.of("chunks", "chunk-settings")); // an extension adds to them
    return Sha256.of(json(map));
  }

  private static String json(Map<String, Object> map) {
    try {
      return JSON.writeValueAsString(map);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("settings are always JSON", e);
    }
  }

  /** What is trained, as the ids of a study's runs have it. */
  public static Map<String, Object> training(Settings settings) {
    Settings told = MultiCrop.told(RemedyNeeds.decided(settings));
    Map<String, Object> training = new TreeMap<>(beforeHeads(all(told)));
    training.keySet().removeAll(LOCAL);
    leaveOutNewer(training);
    training.remove("init", "");
    training.remove("raised-max-bad");
    training.remove("places", Map.of());
    training.remove("layouts", Map.of());
    return training;
  }

  /**
   * Settings that a run or a line of a ledger has, of whatever version: what it does not name is
   * what was done before that was a setting.
   *
   * @throws IllegalArgumentException if this version does not know one
   */
  public static Settings written(Map<String, ?> settings) {
    Map<String, Object> all = new LinkedHashMap<>(SettingList.neutral());
    all.putAll(settings);
    return Settings.defaults().with(all);
  }

  private static void leaveOutNewer(Map<String, Object> settings) {
    settings.remove("order-seed", null);
    settings.remove("order-seed", settings.get("seed"));
    NEWER.forEach(settings::remove);
    SettingList.neutral()
        .forEach(
            (name, neutral) -> {
              if (settings.containsKey(name)
                  && neutral.toString().equals(settings.get(name).toString())) {
                settings.remove(name);
              }
            });
  }

  /**
   * Settings by name with {@code new-head} instead of a head where that says the same.
   *
   * @param given a finished run's or a planned one's, never written to
   */
  static Map<String, Object> beforeHeads(Map<String, Object> given) {
    Map<String, Object> before = new TreeMap<>(given);
    Object head = given.get(HEAD);
    boolean supervised = Methods.classifies(String.valueOf(given.get("method")));
    String stream = String.valueOf(given.get("stream"));
    boolean classes =
        Set.of("class", "distant").contains(stream)
            || "given".equals(stream) && Boolean.TRUE.equals(given.get("own-classes"));
    boolean full = !supervised || "full".equals(head) || "auto".equals(head) && !classes;
    boolean fresh =
        supervised && "new".equals(head) && Double.valueOf(0).equals(before.get(WARMUP));
    before.put(NEW_HEAD, fresh);
    if (full || fresh) {
      before.remove(HEAD);
      before.remove(WARMUP);
    }
    return before;
  }
}
