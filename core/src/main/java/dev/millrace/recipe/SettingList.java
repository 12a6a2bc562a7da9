package dev.millrace.recipe;

import dev.millrace.setting.Knobs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every setting by the name of its flag, under the headings of the help: from the records of the
 * concerns and from the lists of methods and remedies.
 */
public final class SettingList {
  /**
   * A setting.
   *
   * @param heading in the help; empty where no flag sets it
   * @param words its line of help without default
   * @param standard its default, as files have it; null where there is none
   * @param standards of methods or encoders whose default is another, by their name
   * @param entry its component
   */
  public record Setting(
      String heading,
      String words,
      Object standard,
      Map<String, Object> standards,
      Knobs.Entry entry) {
    /** Its name in flags and files, without dashes. */
    public String name() {
      return entry.name();
    }
  }

  private static final List<Setting> ALL = listed();

  private SettingList() {}

  /** All of them, in the order of the help; {@code method} itself is a word and not among them. */
  public static List<Setting> all() {
    return ALL;
  }

  /** The one of a name. */
  public static Optional<Setting> of(String name) {
    return ALL.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** The words that a setting takes; none where it takes others. */
  public static List<String> words(String name) {
    return name.equals(NamedSettings.METHOD)
        ? Methods.names()
        : name.equals("encoder")
            ? Encoders.names()
            : of(name).map(one -> one.entry().words()).orElse(List.of());
  }

  private static List<Setting> listed() {
    Settings standard = Settings.defaults();
    List<Setting> all = new ArrayList<>();
    add(all, "data", standard.data());
    add(all, "stream", standard.stream());
    add(all, "encoder", standard.encoder());
    methods(all);
    add(all, "views", standard.views());
    RemedyParts.all().forEach(part -> add(all, "remedy against forgetting", part));
    add(all, "training", standard.training());
    add(all, "training", standard.schedule());
    add(all, "computing", standard.machine());
    add(all, "keeping", standard.keeping());
    add(all, "", standard.history());
    return List.copyOf(all);
  }

  private static void add(List<Setting> all, String heading, Object record) {
    boolean remedy = record instanceof RemedyPart;
    Object own = remedy ? ((RemedyPart<?>) record).off() : record;
    String part = remedy ? ((RemedyPart<?>) record).name() : "";
    Map<String, Object> values = Knobs.values(own, part);
    for (Knobs.Entry entry : Knobs.of(own.getClass(), part)) {
      all.add(
          new Setting(
              heading,
              words(entry),
              values.get(entry.name()),
              Encoders.standards(entry.name()),
              entry));
    }
  }

  /** Of what is a name in a list, the list says the words. */
  private static String words(Knobs.Entry entry) {
    return entry.name().equals("encoder")
        ? Encoders.words()
        : entry
            .knob()
            .value()
            .replace("{stream}", Orders.words())
            .replace("{chunks}", Orders.chunks());
  }

  private static void methods(List<Setting> all) {
    Map<String, Knobs.Entry> entries = new LinkedHashMap<>();
    for (MethodPart<?> part : Methods.all()) {
      part.entries().forEach(entry -> entries.putIfAbsent(entry.name(), entry));
    }
    entries.forEach(
        (name, entry) ->
            all.add(
                new Setting(
                    "method",
                    words(name, entry),
                    Methods.standard().get(name),
                    others(name),
                    entry)));
  }

  /** The words of each method that says another thing of a setting, with the methods' names. */
  private static String words(String name, Knobs.Entry first) {
    Map<String, List<String>> byWords = new LinkedHashMap<>();
    for (MethodPart<?> part : Methods.all()) {
      part.entries().stream()
          .filter(entry -> entry.name().equals(name))
          .forEach(
              entry ->
                  byWords
                      .computeIfAbsent(entry.knob().value(), words -> new ArrayList<>())
                      .add(part.name()));
    }
    if (Methods.labels(byWords.values().iterator().next().get(0))) {
      return first.knob().value();
    }
    return byWords.entrySet().stream()
        .map(one -> "%s (%s)".formatted(one.getKey(), String.join(", ", one.getValue())))
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> others(String name) {
    Object usual = Methods.standard().get(name);
    Map<String, Object> others = new LinkedHashMap<>();
    for (MethodPart<?> part : Methods.all()) {
      Object own = Knobs.values(part.standard(), part.name()).get(name);
      if (own != null && !Objects.equals(own, usual)) {
        others.put(part.name(), own);
      }
    }
    return others;
  }

  /** The names of settings that no encoder depends on. */
  static List<String> housekeeping() {
    return ALL.stream()
        .filter(one -> one.entry().knob().housekeeping())
        .map(Setting::name)
        .toList();
  }

  /** Settings that came after version 1, with the values that mean what was done without them. */
  static Map<String, Object> neutral() {
    Map<String, Object> neutral = new LinkedHashMap<>();
    ALL.stream()
        .filter(one -> !one.entry().knob().neutral().isEmpty())
        .forEach(
            one -> {
              String word = one.entry().knob().neutral();
              neutral.put(one.name(), word.equals("[]") ? List.of() : word);
            });
    return neutral;
  }
}
