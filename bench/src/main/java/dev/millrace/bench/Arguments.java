package dev.millrace.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code --name value} pairs and lone {@code --flags}. */
final class Arguments {
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException for what is no flag, or a flag that is none of the known
   */
  Arguments(String[] args, List<String> known) {
    for (int i = 0; i < args.length; i++) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            args[i] + " is no flag here; known are --" + String.join(", --", known));
      }
      boolean lone = i + 1 == args.length || args[i + 1].startsWith("--");
      values.put(name, lone ? "true" : args[++i]);
    }
  }

  static String[] after(String[] args, int count) {
    return Arrays.copyOfRange(args, count, args.length);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return values.containsKey(name) ? Integer.parseInt(values.get(name)) : otherwise;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }
}
