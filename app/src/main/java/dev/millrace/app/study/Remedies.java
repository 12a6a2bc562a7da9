package dev.millrace.app.study;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a study does against forgetting, by name: the settings that each remedy adds to a run's. */
final class Remedies {
  /** Settings that make a remedy, and so stand nowhere else. */
  static final Set<String> SETTINGS = Set.of("replay", "memory-images", "mas", "ewc", "cassle");

  /** Joint training at each chunk, begun from the last joint model, in as many steps as st. */
  private static final String JOINT_WARM = "joint-warm";

  private static final String[] NAMES = {
    "st", "replay", "mas", "ewc", "cassle", "both", JOINT_WARM, "jt"
  };

  private static final Map<String, Map<String, Object>> STANDARD =
      Map.of(
          "st",
          Map.of(),
          "replay",
          Map.of("replay", 0.1),
          "mas",
          Map.of("mas", 1.0),
          "ewc",
          Map.of("ewc", 1.0),
          "cassle",
          Map.of("cassle", 1.0),
          "both",
          Map.of("replay", 0.1, "mas", 1.0),
          // Every past picture stays, and steps draw from all alike: joint training that goes on.
          JOINT_WARM,
          Map.of("replay", 1.0, "replay-draw", "uniform"),
          "jt",
          Map.of());

  private Remedies() {}

  /**
   * The study's remedies in its order, but joint training first, since the others are compared with
   * it.
   *
   * @throws IllegalArgumentException for a setting that has no place there, or makes no remedy
   */
  static Map<String, Map<String, Object>> read(Fields top) {
    Map<String, Map<String, Object>> remedies = new LinkedHashMap<>();
    top.named("remedies", NAMES)
        .forEach(
            (remedy, given) -> {
              String where = "remedies." + remedy;
              Set<String> own =
                  switch (remedy) {
                    case "replay" -> Set.of("replay", "memory-images");
                    case "mas", "ewc", "cassle" -> Set.of(remedy);
                    case "both" -> SETTINGS;
                    default -> Set.of();
                  };
              StudyFile.allowed(where, given, own);
              Map<String, Object> all = new LinkedHashMap<>(STANDARD.get(remedy));
              if (given.containsKey("memory-images")) {
                all.remove("replay");
              }
              all.putAll(given);
              all.forEach(
                  (key, value) -> {
                    if (SETTINGS.contains(key)
                        && !(value instanceof Number n && n.doubleValue() > 0)) {
                      throw new IllegalArgumentException(
                          "%s: %s is %s, which is no %s; expected a number above 0"
                              .formatted(where, key, value, remedy));
                    }
                  });
              remedies.put(remedy, all);
            });
    return jointFirst(remedies);
  }

  private static Map<String, Map<String, Object>> jointFirst(
      Map<String, Map<String, Object>> remedies) {
    Map<String, Map<String, Object>> ordered = new LinkedHashMap<>();
    if (remedies.containsKey(PlannedRun.JOINT)) {
      ordered.put(PlannedRun.JOINT, remedies.get(PlannedRun.JOINT));
    }
    ordered.putAll(remedies);
    return ordered;
  }
}
