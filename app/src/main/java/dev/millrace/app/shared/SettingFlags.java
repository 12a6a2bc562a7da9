package dev.millrace.app.shared;

import dev.millrace.recipe.Methods;
import dev.millrace.recipe.SettingList;
import dev.millrace.recipe.SettingList.Setting;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * One flag for each setting, so that the command cannot lag behind: names, headings, words and
 * defaults come from {@link SettingList}.
 */
public final class SettingFlags {
  /** Flags of {@link CommonFlags}. */
  public static final Set<String> COMMON = Set.of("threads", "device");

  private static final String METHOD = "method";

  private SettingFlags() {}

  /** The settings that have flags, in the order of the help. */
  private static List<Setting> flagged() {
    return SettingList.all().stream().filter(one -> !one.heading().isEmpty()).toList();
  }

  /** The names of the flags, without dashes, under the headings of the help. */
  public static Map<String, List<String>> headings() {
    Map<String, List<String>> headings = new LinkedHashMap<>();
    for (Setting one : flagged()) {
      headings
          .computeIfAbsent(
              one.heading(),
              heading -> new ArrayList<>(heading.equals(METHOD) ? List.of(METHOD) : List.of()))
          .add(one.name());
    }
    return headings;
  }

  /** Adds the flags to a command. */
  public static void addTo(CommandSpec command) {
    addTo(command, Set.of());
  }

  /** Adds the flags to a command, but those that it has no use for. */
  public static void addTo(CommandSpec command, Set<String> without) {
    command.addOption(
        OptionSpec.builder("--" + METHOD)
            .type(String.class)
            .arity("1")
            .paramLabel("NAME")
            .description(
                String.join(", ", Methods.names()) + " (default: " + Methods.names().get(0) + ")")
            .build());
    flagged().stream()
        .filter(one -> !COMMON.contains(one.name()) && !without.contains(one.name()))
        .forEach(one -> command.addOption(option(one)));
  }

  /** The settings that were given on the command line, by flag name. */
  public static Map<String, Object> given(ParseResult parsed) {
    Map<String, Object> given = new LinkedHashMap<>();
    for (String name : headings().values().stream().flatMap(List::stream).toList()) {
      if (parsed.hasMatchedOption("--" + name)) {
        Object value = parsed.matchedOptionValue("--" + name, null);
        boolean sets = name.equals("data");
        given.put(name, sets ? sets((List<?>) value) : value);
      }
    }
    return given;
  }

  /** The sets of a flag that may stand several times. */
  private static List<String> sets(List<?> values) {
    return values.stream().flatMap(value -> SetNames.split((String) value).stream()).toList();
  }

  private static OptionSpec option(Setting setting) {
    String name = setting.name();
    Class<?> type = setting.entry().type();
    OptionSpec.Builder flag = OptionSpec.builder("--" + name);
    String label = setting.entry().knob().label();
    if (setting.entry().isList()) {
      boolean numbers = Number.class.isAssignableFrom(type);
      return flag.type(List.class)
          .auxiliaryTypes(numbers ? type : String.class)
          .arity("1")
          .splitRegex(name.equals("data") ? "" : ",")
          .paramLabel(!label.isEmpty() ? label : numbers ? "N[,N…]" : "NAME[,NAME…]")
          .hideParamSyntax(true)
          .description(setting.words())
          .build();
    }
    flag.description(setting.words() + " (default: " + standards(setting) + ")");
    if (type == boolean.class) {
      return flag.type(Boolean.class)
          .arity("0..1")
          .fallbackValue("true")
          .paramLabel("true|false")
          .build();
    }
    boolean words = type.isEnum() || setting.entry().knob().auto();
    return flag.type(words ? String.class : boxed(type))
        .arity("1")
        .paramLabel(label.isEmpty() ? label(type) : label)
        .build();
  }

  /** The default, and those of methods that have another. */
  public static String standards(Setting setting) {
    return shown(setting.standard())
        + setting.standards().entrySet().stream()
            .map(one -> "; " + one.getKey() + ": " + shown(one.getValue()))
            .collect(Collectors.joining());
  }

  /** 0.0 as 0 and 5.0E-4 as 0.0005, as a person writes them. */
  private static String shown(Object standard) {
    if (standard == null) {
      return "that of --seed";
    }
    if (standard instanceof String text && text.isEmpty()) {
      return "none";
    }
    return standard instanceof Double number
        ? new BigDecimal(number.toString()).stripTrailingZeros().toPlainString()
        : String.valueOf(standard);
  }

  private static Class<?> boxed(Class<?> type) {
    if (type == int.class) {
      return Integer.class;
    }
    if (type == long.class) {
      return Long.class;
    }
    return type == double.class ? Double.class : type;
  }

  private static String label(Class<?> type) {
    return type == String.class || type.isEnum() ? "NAME" : type == double.class ? "X" : "N";
  }
}
