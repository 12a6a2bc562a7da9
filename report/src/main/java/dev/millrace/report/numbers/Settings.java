package dev.millrace.report.numbers;

import dev.millrace.study.record.RunRecord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * When the settings of two runs differ, by one rule for whoever asks. A study outlives versions, so
 * its runs name different settings: what one side does not name it did not know, and that is no
 * difference. Nor is what changes no number.
 */
final class Settings {
  private static final Set<String> NO_MATTER =
      Set.of(
          "threads",
          "ranks",
          "device",
          "keep",
          "keep-chunks",
          "log",
          "knn-every",
          "checkpoint-steps",
          "checkpoint-minutes",
          "max-bad",
          "raised-max-bad",
          "places",
          "layouts",
          "extensions");

  private Settings() {}

  /** The settings of a run that change a number, by name, their values in words. */
  static Map<String, String> of(RunRecord run) {
    Map<String, String> settings = new TreeMap<>();
    run.settings()
        .forEach(
            (name, value) -> {
              if (!NO_MATTER.contains(name)) {
                settings.put(name, words(value));
              }
            });
    return settings;
  }

  /** The settings that both sides name and whose values differ, in order. */
  static List<String> differing(Map<String, String> a, Map<String, String> b) {
    return a.keySet().stream()
        .filter(name -> b.containsKey(name) && !a.get(name).equals(b.get(name)))
        .sorted()
        .toList();
  }

  /** A value as text, whether an older version wrote 8 or 8.0. */
  private static String words(Object value) {
    return value instanceof Number number && number.doubleValue() == Math.rint(number.doubleValue())
        ? String.format(Locale.ROOT, "%.0f", number.doubleValue())
        : String.valueOf(value);
  }
}
