package dev.millrace.exchange.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How much of what exact search finds the index finds as well. A picture that is as near as the
 * last exact one counts as found; the query itself counts neither way.
 *
 * @param k neighbours asked for
 * @param queries pictures of the set that were asked with
 * @param value share of the exact neighbours found, in [0, 1], over all queries
 * @param indexSeconds mean time of a query by the index
 * @param exactSeconds mean time of a query by exact search, all of them at once
 */
public record Recall(int k, int queries, double value, double indexSeconds, double exactSeconds) {
  private static final int AT = 10;

  /** As near as this counts as equally near: sums are made in another order. */
  private static final double EQUAL = 1e-6;

  /**
   * Measures.
   *
   * @param pictures of the set; queries are spread evenly over them
   * @param queries how many at most, at least 1
   */
  static Recall of(VectorIndex index, int pictures, int queries) throws IOException {
    int n = Math.min(queries, pictures);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      places.add((int) ((i + 0.5) * pictures / n));
    }
    Map<Integer, float[]> vectors = index.vectors(places);
    places.removeIf(place -> !vectors.containsKey(place)); // those that could not be decoded
    List<float[]> asked = places.stream().map(vectors::get).toList();
    long began = System.nanoTime();
    List<List<Hit>> exact = index.exact(asked, AT + 1);
    long between = System.nanoTime();
    List<List<Hit>> near = new ArrayList<>();
    for (float[] query : asked) {
      near.add(index.near(query, AT + 1));
    }
    long end = System.nanoTime();
    int wanted = 0;
    int found = 0;
    for (int q = 0; q < asked.size(); q++) {
      List<Hit> truth = others(exact.get(q), places.get(q));
      double last = truth.isEmpty() ? 0 : truth.get(truth.size() - 1).cosine() - EQUAL;
      wanted += truth.size();
      for (Hit hit : others(near.get(q), places.get(q))) {
        found += hit.cosine() >= last ? 1 : 0;
      }
    }
    double each = 1e-9 / Math.max(1, asked.size());
    return new Recall(
        AT,
        asked.size(),
        wanted == 0 ? 1 : (double) found / wanted,
        (end - between) * each,
        (between - began) * each);
  }

  /** The first ten that are not the query itself. */
  private static List<Hit> others(List<Hit> hits, int place) {
    return hits.stream().filter(hit -> hit.place() != place).limit(AT).toList();
  }
}
