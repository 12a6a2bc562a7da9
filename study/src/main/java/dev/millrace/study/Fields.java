package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One mapping of a study's file, read strictly: an unknown key, a missing one or a value of another
 * kind is refused with the place where it stands.
 *
 * @param where what a person calls the place, such as {@code data.pacs}
 * @param node the mapping
 */
record Fields(String where, JsonNode node) {
  /**
   * Refuses what is no mapping, and keys that nobody reads.
   *
   * @throws IllegalArgumentException naming the key, those allowed and the nearest
   */
  static Fields of(String where, JsonNode node, String... allowed) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "%s is %s; expected keys and values: some of %s"
              .formatted(where, node, String.join(", ", allowed)));
    }
    node.fieldNames().forEachRemaining(key -> Choice.check(where + ": key", key, allowed));
    return new Fields(where, node);
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** The value of a key that must be there. */
  JsonNode require(String key, String expected) {
    if (!has(key)) {
      throw new IllegalArgumentException(
          "%s has no %s; expected %s".formatted(where, key, expected));
    }
    return node.get(key);
  }

  String text(String key, String otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    if (!node.get(key).isValueNode()) {
      throw wrong(key, node.get(key), "a word");
    }
    return node.get(key).asText();
  }

  int whole(String key, int otherwise, int least) {
    if (!has(key)) {
      return otherwise;
    }
    return whole(key, node.get(key), least);
  }

  int whole(String key, JsonNode value, int least) {
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < least) {
      throw wrong(key, value, "a whole number of at least " + least);
    }
    return value.intValue();
  }

  boolean flag(String key) {
    if (!has(key)) {
      return false;
    }
    if (!node.get(key).isBoolean()) {
      throw wrong(key, node.get(key), "true or false");
    }
    return node.get(key).booleanValue();
  }

  /** A list of words, or one word alone; of at least one. */
  List<String> words(String key, String expected) {
    JsonNode value = require(key, expected);
    List<String> words = new ArrayList<>();
    (value.isArray() ? value : JSON.createArrayNode().add(value))
        .forEach(
            one -> {
              if (!one.isValueNode() || one.isNull()) {
                throw wrong(key, one, expected);
              }
              words.add(one.asText());
            });
    if (words.isEmpty()) {
      throw wrong(key, value, expected);
    }
    if (Set.copyOf(words).size() < words.size()) {
      throw wrong(key, value, "each name once");
    }
    return words;
  }

  /** A mapping from names to mappings of settings; a list of names stands for empty ones. */
  Map<String, Map<String, Object>> named(String key, String... allowed) {
    return named(key, UnaryOperator.identity(), allowed);
  }

  /**
   * Like {@link #named(String, String...)}.
   *
   * @param kind what a name is one of, which must be allowed
   */
  Map<String, Map<String, Object>> named(
      String key, UnaryOperator<String> kind, String... allowed) {
    JsonNode value = require(key, "some of " + String.join(", ", allowed));
    Map<String, Map<String, Object>> named = new LinkedHashMap<>();
    if (value.isObject()) {
      value
          .fields()
          .forEachRemaining(e -> named.put(e.getKey(), settings(key + "." + e.getKey(), e)));
    } else {
      words(key, "some of " + String.join(", ", allowed))
          .forEach(name -> named.put(name, Map.of()));
    }
    named.keySet().forEach(name -> Choice.check(where + ": " + key, kind.apply(name), allowed));
    if (named.isEmpty()) {
      throw wrong(key, value, "some of " + String.join(", ", allowed));
    }
    return named;
  }

  /** A mapping of settings; none where the key is missing. */
  Map<String, Object> settings(String key) {
    return has(key) ? settings(key, Map.entry(key, node.get(key))) : Map.of();
  }

  private Map<String, Object> settings(String place, Map.Entry<String, JsonNode> entry) {
    if (entry.getValue().isNull()) {
      return Map.of();
    }
    if (!entry.getValue().isObject()) {
      throw wrong(place, entry.getValue(), "settings by flag name, such as {epochs: 12}");
    }
    return JSON.convertValue(
        entry.getValue(),
        new com.fasterxml.jackson.core.type.TypeReference<LinkedHashMap<String, Object>>() {});
  }

  IllegalArgumentException wrong(String key, Object found, String expected) {
    return new IllegalArgumentException(
        "%s: %s is %s; expected %s".formatted(where, key, found, expected));
  }
}
