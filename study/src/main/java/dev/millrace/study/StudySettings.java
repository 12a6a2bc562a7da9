package dev.millrace.study;

import dev.millrace.recipe.Encoders;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which settings may stand in which place of a study's file; every refusal names the place. */
final class StudySettings {
  /** Set by the product, and so by no settings of the file. */
  private static final Set<String> AXES =
      Set.of("data", "stream", "chunks", "method", "seed", "order-seed", "extensions");

  /** Given to the command, since machines differ. */
  private static final Set<String> MACHINE = Set.of("threads", "device");

  private StudySettings() {}

  /** Refuses settings that have their place elsewhere. */
  static Map<String, Object> allowed(String where, Map<String, Object> given, Set<String> remedy) {
    for (String key : given.keySet()) {
      if (AXES.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s is set by the study's axes; take it out".formatted(where, key));
      }
      if (MACHINE.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s differs from machine to machine; give --%s to the command"
                .formatted(where, key, key));
      }
      if (Remedies.SETTINGS.contains(key) && !remedy.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s makes a remedy; expected it under a remedy of that name".formatted(where, key));
      }
    }
    return given;
  }

  /** Refuses under a method what is no setting of it. */
  static void requireOwn(String method, Map<String, Object> given) {
    String where = "methods." + method;
    allowed(where, given, Set.of());
    try {
      Methods.requireKnown(StudyMethods.trained(method), given.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  /** Refuses what is a setting of none of some methods. */
  static void requireOfSome(String where, List<String> methods, Map<String, Object> settings) {
    try {
      Methods.requireKnownToAny(methods, settings.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  /** Refuses what is a setting of none of the encoders that some runs have. */
  static void requireOfEncoders(String where, List<PlannedRun> runs, Map<String, Object> settings) {
    List<String> encoders =
        runs.stream().map(run -> run.settings().encoder().name()).distinct().toList();
    try {
      Encoders.requireKnownToAny(encoders, settings.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  /** Settings with changes; a refusal says where in the file they stand. */
  static Settings with(String where, Settings base, Map<String, Object> changes) {
    try {
      return base.with(changes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }
}
