package dev.millrace.recipe;

import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.refusal.Choice;
import dev.millrace.setting.Knobs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings by the names of flags and files, as the lists of parts have them. What was given for a
 * method or a remedy that is not chosen waits in {@link HistorySettings#idle}, and goes where it
 * belongs when that part is chosen.
 */
final class NamedSettings {
  static final String METHOD = "method";

  private NamedSettings() {}

  /** See {@link Settings#asMap}. */
  static Map<String, Object> all(Settings settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Object group : groups(settings)) {
      if (group instanceof MethodSettings) {
        all.putAll(method(settings));
      } else if (group instanceof List) {
        all.putAll(remedies(settings));
      } else {
        all.putAll(Knobs.values(group, ""));
      }
    }
    return all;
  }

  /** By name, without those of methods and remedies that the settings do not have. */
  static Map<String, Object> chosen(Settings settings) {
    Map<String, Object> chosen = all(settings);
    Set<String> others = new HashSet<>(Methods.knobs());
    others.addAll(RemedyParts.knobs());
    others.removeAll(Set.copyOf(Methods.of(settings.method()).knobs()));
    RemedyParts.on(settings).forEach(part -> part.knobs().forEach(others::remove));
    chosen.keySet().removeAll(others);
    return chosen;
  }

  private static List<Object> groups(Settings settings) {
    return List.of(
        settings.data(),
        settings.stream(),
        settings.encoder(),
        settings.method(),
        settings.views(),
        settings.remedies(),
        settings.training(),
        settings.schedule(),
        settings.machine(),
        settings.keeping(),
        settings.history());
  }

  private static Map<String, Object> method(Settings settings) {
    MethodPart<?> part = Methods.of(settings.method());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(METHOD, part.name());
    all.putAll(Methods.standard());
    settings
        .history()
        .idle()
        .forEach((name, value) -> all.computeIfPresent(name, (known, standard) -> value));
    all.putAll(Knobs.values(settings.method(), part.name()));
    return all;
  }

  private static Map<String, Object> remedies(Settings settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    RemedyParts.all()
        .forEach(part -> all.putAll(Knobs.values(RemedyParts.own(settings, part), part.name())));
    return all;
  }

  /** See {@link Settings#with(Map)}. */
  static Settings with(Settings settings, Map<String, ?> changes) {
    Map<String, Object> given = SettingsV1.now(changes);
    List<String> known = new ArrayList<>(all(settings).keySet());
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "no setting is called "
                + name
                + Choice.near(name, known).map(near -> "; the nearest is " + near).orElse(""));
      }
    }
    if (given.containsKey("encoder") || given.containsKey("schedule")) {
      String encoder = String.valueOf(given.getOrDefault("encoder", settings.encoder().name()));
      ScheduleSettings.Rule rule = Knobs.with(settings.schedule(), "", given).rule();
      given.putAll(UsualTraining.suited(settings, encoder, rule, given));
      given.putIfAbsent("publish", Knobs.word(settings.schedule().rule(rule).publish()));
    }
    Map<String, Object> idle = new TreeMap<>(settings.history().idle());
    MethodSettings method = method(settings, given, idle);
    List<RemedySettings> remedies = remedies(settings, given, idle);
    return new Settings(
        Knobs.with(settings.data(), "", given),
        Knobs.with(settings.stream(), "", given),
        Knobs.with(settings.encoder(), "", given),
        method,
        Knobs.with(settings.views(), "", given),
        remedies,
        Knobs.with(settings.training(), "", given),
        Knobs.with(settings.schedule(), "", given),
        Knobs.with(settings.machine(), "", given),
        Knobs.with(settings.keeping(), "", given),
        Knobs.with(settings.history(), "", given).idle(idle));
  }

  private static MethodSettings method(
      Settings settings, Map<String, Object> given, Map<String, Object> idle) {
    MethodPart<?> before = Methods.of(settings.method());
    MethodPart<?> now =
        given.containsKey(METHOD) ? Methods.named(String.valueOf(given.get(METHOD))) : before;
    MethodSettings own = settings.method();
    if (now != before) {
      Map<String, Object> usual = Knobs.values(before.standard(), before.name());
      Knobs.values(own, before.name())
          .forEach(
              (name, value) -> {
                if (!value.equals(usual.get(name))) {
                  idle.put(name, value);
                }
              });
      own = now.standard();
    }
    given.forEach(
        (name, value) -> {
          if (Methods.knobs().contains(name)) {
            idle.put(name, value);
          }
        });
    own = Knobs.with(own, now.name(), idle);
    idle.keySet().removeAll(now.knobs());
    idle.putAll(Methods.normal(idle));
    Methods.standard().forEach(idle::remove);
    return own;
  }

  private static List<RemedySettings> remedies(
      Settings settings, Map<String, Object> given, Map<String, Object> idle) {
    List<RemedySettings> remedies = new ArrayList<>();
    for (RemedyPart<?> part : RemedyParts.all()) {
      RemedySettings own = Knobs.with(RemedyParts.own(settings, part), part.name(), given);
      idle.keySet().removeAll(part.knobs());
      if (own.on()) {
        remedies.add(own);
      } else {
        Map<String, Object> usual = Knobs.values(part.off(), part.name());
        Knobs.values(own, part.name())
            .forEach(
                (name, value) -> {
                  if (!value.equals(usual.get(name))) {
                    idle.put(name, value);
                  }
                });
      }
    }
    return remedies;
  }
}
