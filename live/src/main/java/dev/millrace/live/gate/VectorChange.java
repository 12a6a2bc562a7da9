package dev.millrace.live.gate;

import dev.millrace.insight.Cka;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.refusal.Require;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/**
 * What a new encoder means for vectors that were made by another: vectors of two encoders are never
 * comparable, but their neighbourhoods may be. Immutable.
 *
 * @param cka linear centred kernel alignment of the two on the same pictures, about 0 to 1
 * @param overlap share of a picture's nearest neighbours that both encoders agree about, 0 to 1
 * @param neighbours how many nearest are compared, at most ten
 */
public record VectorChange(double cka, double overlap, int neighbours) {
  private static final int NEIGHBOURS = 10;
  private static final int MOST = 512;

  /**
   * Compares two encoders.
   *
   * @param before features, a row per picture, at least {@link Cka#LEAST_BATCH}
   * @param after of the same pictures in the same order
   */
  public static VectorChange of(FeatureMatrix before, FeatureMatrix after) {
    Require.that(
        before.n() == after.n() && before.n() >= Cka.LEAST_BATCH,
        "found %d and %d pictures; expected the same ones, at least %d"
            .formatted(before.n(), after.n(), Cka.LEAST_BATCH));
    int n = Math.min(MOST, before.n());
    int[] rows = IntStream.range(0, n).toArray();
    FeatureMatrix a = before.rows(rows);
    FeatureMatrix b = after.rows(rows);
    Cka cka = new Cka(2);
    try (PointerScope scope = new PointerScope()) {
      cka.add(List.of(a.normalised().tensor(), b.normalised().tensor()));
    }
    int k = Math.min(NEIGHBOURS, n - 1);
    return new VectorChange(cka.value(0, 1), overlap(a.normalised(), b.normalised(), k), k);
  }

  private static double overlap(FeatureMatrix a, FeatureMatrix b, int k) {
    long shared = 0;
    for (int i = 0; i < a.n(); i++) {
      List<Integer> one = nearest(a, i, k);
      List<Integer> other = nearest(b, i, k);
      shared += one.stream().filter(other::contains).count();
    }
    return shared / ((double) a.n() * k);
  }

  private static List<Integer> nearest(FeatureMatrix rows, int to, int k) {
    double[] cosine = new double[rows.n()];
    for (int j = 0; j < cosine.length; j++) {
      cosine[j] = Retrieval.cosine(rows, to, rows, j);
    }
    return IntStream.range(0, cosine.length)
        .filter(j -> j != to)
        .boxed()
        .sorted((x, y) -> Double.compare(cosine[y], cosine[x]))
        .limit(k)
        .toList();
  }

  void addTo(List<String> reasons, Map<String, Double> numbers) {
    if (Double.isFinite(cka)) {
      numbers.put("cka", cka);
    }
    numbers.put("neighbours_kept", overlap);
    reasons.add(
        String.format(
            Locale.ROOT,
            "kept vectors: CKA %.2f with those of the new encoder, and %.0f %% of the %d nearest stay; vectors of the two are not comparable, so embed kept pictures anew",
            cka,
            100 * overlap,
            neighbours));
  }
}
