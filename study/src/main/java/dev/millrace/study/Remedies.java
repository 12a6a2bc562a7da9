package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import dev.millrace.recipe.RemedyParts;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a study does against forgetting, by name: the settings that each remedy adds to a run's. A
 * remedy can be there several times with other settings, as a name of its own after the remedy's:
 * {@code replay}, {@code replay-balanced}.
 */
final class Remedies {
  /** Settings that make a remedy, and so stand nowhere else. */
  static final Set<String> SETTINGS = Set.copyOf(RemedyParts.strengths(null));

  /** Joint training at each chunk, begun from the last joint model, in as many steps as st. */
  private static final String JOINT_WARM = "joint-warm";

  private static final Map<String, Map<String, Object>> STANDARD = standard();

  private static final Pattern VARIANT = Pattern.compile("([a-z]+)-[a-z0-9.-]{1,40}");

  /** What others are compared with, of which there is one. */
  private static final Set<String> UNVARIED = Set.of("st", PlannedRun.JOINT, "joint");

  /** The key of what a remedy sets on some sets alone. */
  private static final String ON = "on";

  /**
   * What a remedy sets.
   *
   * @param settings on all sets
   * @param on instead of them, by what the study calls a set: a memory that is a share of each
   */
  record Remedy(Map<String, Object> settings, Map<String, Map<String, Object>> on) {
    /** On one set. */
    Map<String, Object> at(String data) {
      return on.getOrDefault(data, settings);
    }
  }

  private Remedies() {}

  private static Map<String, Map<String, Object>> standard() {
    Map<String, Map<String, Object>> standard = new LinkedHashMap<>();
    standard.put("st", Map.of());
    standard.putAll(RemedyParts.usual());
    standard.put("both", Map.of("replay", 0.1, "mas", 1.0));
    // Every past picture stays, and steps draw from all alike: joint training that goes on.
    standard.put(JOINT_WARM, Map.of("replay", 1.0, "replay-draw", "uniform"));
    standard.put("jt", Map.of());
    return standard;
  }

  /**
   * The study's remedies in its order, but joint training first, since the others are compared with
   * it.
   *
   * @param sets what the study calls its sets
   * @throws IllegalArgumentException for a setting that has no place there, or makes no remedy
   */
  static Map<String, Remedy> read(Fields top, Set<String> sets) {
    Map<String, Remedy> remedies = new LinkedHashMap<>();
    top.named("remedies", Remedies::kind, STANDARD.keySet().toArray(String[]::new))
        .forEach(
            (name, said) -> {
              Map<String, Object> given = new LinkedHashMap<>(said);
              Map<String, Map<String, Object>> bySet =
                  bySet("remedies." + name, given.remove(ON), sets);
              Map<String, Object> usual = STANDARD.get(kind(name));
              Map<String, Object> everywhere = checked(name, "", usual, given);
              Map<String, Map<String, Object>> on = new LinkedHashMap<>();
              bySet.forEach(
                  (set, own) -> on.put(set, checked(name, "." + ON + "." + set, everywhere, own)));
              remedies.put(name, new Remedy(everywhere, on));
            });
    return jointFirst(remedies);
  }

  /** What a remedy says of some sets alone, by the names that the study gives these. */
  private static Map<String, Map<String, Object>> bySet(String where, Object on, Set<String> sets) {
    if (on == null) {
      return Map.of();
    }
    Fields fields = Fields.of(where + "." + ON, JSON.valueToTree(on), sets.toArray(String[]::new));
    Map<String, Map<String, Object>> bySet = new LinkedHashMap<>();
    fields.node().fieldNames().forEachRemaining(set -> bySet.put(set, fields.settings(set)));
    return bySet;
  }

  /** A remedy's settings with some over them; refuses what has no place there. */
  private static Map<String, Object> checked(
      String name, String place, Map<String, Object> under, Map<String, Object> given) {
    String where = "remedies." + name + place;
    String remedy = kind(name);
    Set<String> own =
        remedy.equals("both") ? SETTINGS : new HashSet<>(RemedyParts.strengths(remedy));
    if (remedy.equals("cla")) {
      own.addAll(RemedyParts.strengths("replay")); // of its forms e and r
    }
    StudySettings.allowed(where, given, own);
    Map<String, Object> all = new LinkedHashMap<>(under);
    if (given.containsKey("memory-images")) {
      all.remove("replay");
    }
    if (given.containsKey("replay")) {
      all.remove("memory-images");
    }
    all.putAll(given);
    all.forEach(
        (key, value) -> {
          if (SETTINGS.contains(key) && !(value instanceof Number n && n.doubleValue() > 0)) {
            throw new IllegalArgumentException(
                "%s: %s is %s, which is no %s; expected a number above 0"
                    .formatted(where, key, value, remedy));
          }
        });
    requireOn(where, given, all);
    return all;
  }

  /** Refuses settings of remedies that are off there. */
  private static void requireOn(
      String where, Map<String, Object> given, Map<String, Object> whole) {
    Map<String, Object> strengths = new LinkedHashMap<>(whole);
    strengths.keySet().retainAll(SETTINGS);
    Settings settings = StudySettings.with(where, Settings.defaults(), strengths);
    for (String key : given.keySet()) {
      try {
        RemedyParts.requireOn(settings, Set.of(key));
      } catch (UsageException e) {
        throw new IllegalArgumentException(
            "%s: %s is a setting of a remedy that is off there; give it under that remedy, or take it out"
                .formatted(where, key),
            e);
      }
    }
  }

  /** The remedy that a name is a variant of; what is neither sequential nor joint can have some. */
  private static String kind(String name) {
    Matcher variant = VARIANT.matcher(name);
    boolean known = STANDARD.containsKey(name) || !variant.matches();
    return known || UNVARIED.contains(variant.group(1)) ? name : variant.group(1);
  }

  private static Map<String, Remedy> jointFirst(Map<String, Remedy> remedies) {
    Map<String, Remedy> ordered = new LinkedHashMap<>();
    if (remedies.containsKey(PlannedRun.JOINT)) {
      ordered.put(PlannedRun.JOINT, remedies.get(PlannedRun.JOINT));
    }
    ordered.putAll(remedies);
    return ordered;
  }
}
