package dev.millrace.recipe;

import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.file.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings as YAML: a mapping by flag name, as a person writes it or as {@code settings} of a
 * run.yaml. A run of version 2 says so and has the settings of its own method and remedies; one of
 * version 1 has those of all.
 */
final class SettingsFile {
  private static final int NOW = 2;
  private static final String SETTINGS = "settings";
  private static final String VERSION = "version";
  private static final String IDLE = "idle";

  private SettingsFile() {}

  /** See {@link Settings#read(Path, Map)}. */
  static Settings read(Path yaml, Map<String, ?> over) throws IOException {
    return read(yaml, over, Settings.defaults());
  }

  /**
   * Reads a file over the defaults.
   *
   * @param standard the defaults; what a run's file lacks came after it, and is not theirs to say
   */
  static Settings read(Path yaml, Map<String, ?> over, Settings standard) throws IOException {
    Map<?, ?> tree = lines(yaml);
    boolean run = tree.get(SETTINGS) instanceof Map;
    try {
      Map<String, Object> named =
          YAML.convertValue(run ? tree.get(SETTINGS) : tree, new TypeReference<>() {});
      requireReadable(named.remove(VERSION));
      Map<String, Object> all = new LinkedHashMap<>(run ? SettingList.neutral() : Map.of());
      if (named.remove(IDLE) instanceof Map<?, ?> idle) {
        idle.forEach((name, value) -> all.put(String.valueOf(name), value));
      }
      all.putAll(named);
      if (run) { // it says also what nobody chose, which follows from what is given over it
        return standard.with(all).with(over);
      }
      all.putAll(over);
      Settings settings = standard.with(all);
      named.keySet().removeAll(over.keySet());
      Methods.requireKnown(settings.methodName(), named.keySet());
      RemedyParts.requireOn(settings, named.keySet());
      // Where no encoder is named, first weights may yet decide it.
      if (all.containsKey("encoder") || settings.encoder().init().isEmpty()) {
        Encoders.requireKnown(settings.encoder().name(), named.keySet());
      }
      return settings;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(yaml + ": " + e.getMessage(), e);
    }
  }

  /** Version 1 had no line; what it means is the matter of {@link SettingsV1}. */
  private static void requireReadable(Object version) {
    if (version != null && !List.of("1", Integer.toString(NOW)).contains(version.toString())) {
      throw new IllegalArgumentException(
          "its settings are of version %s, and this Millrace reads 1 and %d; take the Millrace that wrote it, or a newer one"
              .formatted(version, NOW));
    }
  }

  /** What run.yaml has: the version, the settings by flag name, and apart those that are idle. */
  static Map<String, Object> written(Settings settings) {
    Map<String, Object> written = new LinkedHashMap<>();
    written.put(VERSION, NOW);
    written.putAll(NamedSettings.chosen(settings));
    if (!settings.history().idle().isEmpty()) {
      written.put(IDLE, settings.history().idle());
    }
    return written;
  }

  private static Map<?, ?> lines(Path yaml) throws IOException {
    Map<?, ?> tree;
    try {
      tree = YAML.readValue(TextFile.read(yaml), Map.class);
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw new IOException(
          Files.size(yaml) == 0
              ? yaml + " is empty; expected lines of `setting: value`"
              : "%s cannot be read as YAML%s: %s; expected lines of `setting: value`"
                  .formatted(
                      yaml,
                      at == null || at.getLineNr() < 1
                          ? ""
                          : " in line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()),
                      e.getOriginalMessage().lines().findFirst().orElse("it is no mapping")),
          e);
    } catch (RuntimeException e) {
      // The YAML reader's own, such as that of a control character.
      throw new IOException(
          "%s cannot be read as YAML: %s; expected lines of `setting: value`"
              .formatted(yaml, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    if (tree == null) {
      throw new IOException(yaml + " holds no settings; expected lines of `setting: value`");
    }
    return tree;
  }
}
