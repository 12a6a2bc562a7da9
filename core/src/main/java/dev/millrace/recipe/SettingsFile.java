package dev.millrace.recipe;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.millrace.file.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Settings as YAML: a mapping by flag name, alone or as {@code settings} of a run.yaml. */
final class SettingsFile {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private SettingsFile() {}

  /** See {@link Settings#read}. */
  static Settings read(Path yaml) throws IOException {
    Map<?, ?> tree = lines(yaml);
    Object settings = tree.get("settings") instanceof Map<?, ?> inner ? inner : tree;
    try {
      return Settings.defaults()
          .with(YAML.convertValue(settings, new TypeReference<Map<String, Object>>() {}));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(yaml + ": " + e.getMessage(), e);
    }
  }

  private static Map<?, ?> lines(Path yaml) throws IOException {
    Map<?, ?> tree;
    try {
      tree = YAML.readValue(yaml.toFile(), Map.class);
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
    } catch (IOException e) {
      throw Reason.named(yaml, e);
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
