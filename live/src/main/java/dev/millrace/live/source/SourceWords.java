package dev.millrace.live.source;

import dev.millrace.live.CloseRule;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The words of {@code --source}: what it is, and options behind semicolons, as in {@code
 * folder:incoming/;after=move;settle=5s}. Immutable.
 *
 * @param name all before the options; the source's name
 * @param options by name
 */
record SourceWords(String name, Map<String, String> options) {
  static final String FLAG = "--source";

  static SourceWords of(String words) {
    String[] parts = words.split(";", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] option = parts[i].split("=", 2);
      if (option.length < 2) {
        throw UsageException.of(
            FLAG, "%s: %s has no value; give NAME=VALUE".formatted(words, parts[i]));
      }
      options.put(option[0], option[1]);
    }
    return new SourceWords(parts[0], options);
  }

  /** Refuses options that this kind of source does not have. */
  SourceWords having(String... known) {
    for (String option : options.keySet()) {
      Choice.check(FLAG + " " + name + ";", option, known);
    }
    return this;
  }

  String option(String option, String standard) {
    return options.getOrDefault(option, standard);
  }

  /** One of a few words. */
  String choice(String option, String standard, List<String> allowed) {
    String value = option(option, standard);
    Choice.check(FLAG + " " + name + ";" + option, value, allowed.toArray(String[]::new));
    return value;
  }

  java.time.Duration duration(String option, String standard) {
    return CloseRule.duration(FLAG + " " + name + ";" + option, option(option, standard));
  }

  long number(String option, long standard) {
    String value = option(option, Long.toString(standard));
    if (!value.matches("\\d{1,18}")) {
      throw UsageException.of(
          FLAG, "%s;%s=%s is no number; give 0 or more".formatted(name, option, value));
    }
    return Long.parseLong(value);
  }
}
