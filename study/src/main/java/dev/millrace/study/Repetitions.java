package dev.millrace.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How often each row of a study is made: by seeds, and by orders of the stream where its file gives
 * them a factor of their own.
 *
 * @param seeds of weights, views and draws
 * @param orders seeds of the stream's order; empty where it follows from the seed
 */
record Repetitions(List<Long> seeds, List<Long> orders) {
  static final String SEEDS = "seeds";
  static final String ORDERS = "order-seeds";

  static Repetitions read(Fields top) {
    top.require(SEEDS, "a list of whole numbers, such as [1, 2]");
    return new Repetitions(numbers(top, SEEDS), top.has(ORDERS) ? numbers(top, ORDERS) : List.of());
  }

  private static List<Long> numbers(Fields top, String key) {
    JsonNode given = top.node().get(key);
    Set<Long> numbers = new LinkedHashSet<>();
    for (JsonNode one : given) {
      if (!one.isIntegralNumber() || !one.canConvertToLong() || !numbers.add(one.longValue())) {
        throw top.wrong(key, given, "whole numbers, each once, such as [1, 2]");
      }
    }
    if (numbers.isEmpty()) {
      throw top.wrong(key, given, "a list of whole numbers, such as [1, 2]");
    }
    return List.copyOf(numbers);
  }

  /**
   * The orders of a run; null for the one that follows from the seed. Joint training has no order.
   */
  List<Long> ordersOf(boolean joint) {
    List<Long> own = new ArrayList<>();
    if (joint || orders.isEmpty()) {
      own.add(null);
    } else {
      own.addAll(orders);
    }
    return own;
  }
}
