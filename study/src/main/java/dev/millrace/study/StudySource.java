package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.recipe.Orders;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.StreamOrder;
import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One entry of a study's {@code data}: a set, or several that are given one after another, and the
 * streams that are made of them.
 *
 * @param label what the study calls it
 * @param sets names or places of its sets
 * @param streams chunks by stream
 * @param settings of its runs alone
 */
record StudySource(
    String label, List<String> sets, Map<String, Integer> streams, Map<String, Object> settings) {
  /** Several sets, one after another: a chunk each. */
  private static final String GIVEN = "given";

  /** Given sets always stand in one; what is joint has no order. */
  private static final String SQUARE = "order-square";

  private static final String[] STREAMS = Orders.dividing().toArray(String[]::new);

  /**
   * Reads all of a study's.
   *
   * @throws IllegalArgumentException for what should not stand there
   */
  static List<StudySource> read(Fields top) {
    JsonNode data = top.require("data", "sets by name, each with its streams");
    List<StudySource> sources = new ArrayList<>();
    if (!data.isObject() || data.isEmpty()) {
      throw top.wrong("data", data, "sets by name, such as {cifar10: {streams: {class: 5}}}");
    }
    data.fields()
        .forEachRemaining(
            entry -> {
              String where = "data." + entry.getKey();
              Fields set = Fields.of(where, entry.getValue(), "set", "sets", "streams", "settings");
              List<String> sets = sets(set, entry.getKey());
              sources.add(
                  new StudySource(
                      entry.getKey(),
                      sets,
                      streams(set, sets.size()),
                      StudySettings.allowed(
                          where + ".settings", set.settings("settings"), Set.of())));
            });
    return sources;
  }

  private static List<String> sets(Fields set, String label) {
    if (!set.has("sets")) {
      return List.of(set.text("set", label));
    }
    List<String> sets = set.words("sets", "two or more sets, a chunk each");
    if (set.has("set") || sets.size() < 2) {
      throw set.wrong("sets", set.node().get("sets"), "two or more sets, in place of `set`");
    }
    return sets;
  }

  private static Map<String, Integer> streams(Fields set, int sets) {
    String expected =
        "chunks by stream, such as {class: 4}, of " + String.join(", ", Arrays.asList(STREAMS));
    JsonNode given = set.require("streams", expected);
    Map<String, Integer> streams = new LinkedHashMap<>();
    if (!given.isObject() || given.isEmpty()) {
      throw set.wrong("streams", given, expected);
    }
    given
        .fields()
        .forEachRemaining(
            e -> {
              Choice.check(set.where() + ".streams", e.getKey(), STREAMS);
              int chunks = set.whole("streams." + e.getKey(), e.getValue(), 2);
              if (e.getKey().equals(GIVEN) ? chunks != sets : sets > 1) {
                throw set.wrong(
                    "streams",
                    given,
                    sets > 1
                        ? "{given: %d}, a chunk per set".formatted(sets)
                        : "`sets` in place of `set` for a given stream, a chunk per set");
              }
              streams.put(e.getKey(), chunks);
            });
    return streams;
  }

  /** The defaults, but one arithmetic on whatever machine: a study's runs are compared. */
  Settings defaults() {
    return Settings.defaults(sets.toArray(String[]::new)).with("precision", "bf16");
  }

  /** A run's settings with the sets in its order, which is the stream's where they are given. */
  Settings ordered(Settings run) {
    StreamOrder order = run.stream().order();
    Settings drawn = order.bySet() || order.atOnce() ? run.with(SQUARE, false) : run;
    return order.bySet() ? drawn.with("data", inOrder(run.stream().ordering())) : drawn;
  }

  /** The sets in a cyclic Latin square: orders 1 … n have each set once in each place. */
  private List<String> inOrder(long order) {
    List<String> turned = new ArrayList<>(sets);
    Collections.rotate(turned, -(int) Math.floorMod(order - 1, (long) sets.size()));
    return turned;
  }
}
