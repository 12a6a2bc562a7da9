package dev.millrace.app.train;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What ten seeds gave, to be printed beside one: {@code ./millrace demo --json --seed S}, S from 0
 * to 9, 2026-11-30; docs/results.md has all of them and the machine.
 */
final class DemoSeeds {
  /** What a row ended at, in percent of test pictures. */
  record Spread(double mean, double least, double most) {
    /** In words, such as {@code 74.1 (70.3 to 78.0)}. */
    String words() {
      return String.format(Locale.ROOT, "%.1f (%.1f to %.1f)", mean, least, most);
    }
  }

  /** How the column of these numbers is headed. */
  static final String HEADING = "seeds 0 to 9 ended at";

  private static final Map<String, Spread> BY_CLASS = byClass();

  private DemoSeeds() {}

  private static Map<String, Spread> byClass() {
    Map<String, Spread> rows = new LinkedHashMap<>();
    rows.put("raw_pixels", new Spread(21.6, 21.6, 21.6));
    rows.put("untrained", new Spread(55.3, 51.4, 65.4));
    rows.put("sequential", new Spread(81.4, 53.6, 93.5));
    rows.put("replay", new Spread(96.3, 90.5, 99.9));
    rows.put("joint", new Spread(99.6, 98.3, 100.0));
    return rows;
  }

  /** By row; empty for streams of which only single seeds were looked at. */
  static Map<String, Spread> of(String stream) {
    return stream.equals("class") ? BY_CLASS : Map.of();
  }

  /** The spread for JSON. */
  static Map<String, Object> json(String stream) {
    Map<String, Object> json = new LinkedHashMap<>();
    of(stream)
        .forEach(
            (row, spread) ->
                json.put(
                    row,
                    Map.of("mean", spread.mean(), "least", spread.least(), "most", spread.most())));
    return json;
  }
}
