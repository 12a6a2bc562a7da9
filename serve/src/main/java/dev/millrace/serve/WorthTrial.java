package dev.millrace.serve;

import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.VectorBridge;
import dev.millrace.exchange.search.VectorPairs;
import dev.millrace.live.gate.VectorChange;
import dev.millrace.probe.FeatureMatrix;
import java.io.IOException;
import java.util.stream.IntStream;

/** Measures what kept vectors are worth: some pictures fit a bridge, others judge it. Stateless. */
final class WorthTrial {
  private static final int NEAREST = 10;
  private static final int ASKING = 512;
  private static final int RECALL_QUERIES = 200;

  /** The fewest pictures that say anything: the ten nearest among as many others, and a fit. */
  static final int FEWEST = 4 * NEAREST;

  /** The share of the pictures that only judge the bridge: one in so many. */
  private static final int JUDGES = 4;

  private WorthTrial() {}

  /** What was found; the bridge is null where there is none to be kept. */
  record Measured(VectorWorth worth, VectorBridge bridge) {}

  /** Of an index with vectors of the version that is served. */
  static Measured current(String name, int version, KeptIndex index) throws IOException {
    double recall = index.recall(RECALL_QUERIES).value();
    return new Measured(VectorWorth.current(name, version, index.size(), recall), null);
  }

  /** Of one with vectors of another version, by pictures that both have seen. */
  static Measured of(VectorPairs pairs, VectorWorth known) throws IOException {
    int n = pairs.asked().length;
    if (n < FEWEST) {
      return new Measured(known.measured(null, 0, n, Double.NaN), null);
    }
    int judges = Math.min(ASKING, Math.max(NEAREST + 1, n / JUDGES));
    // Spread over the set, as both halves are: every so-and-so-many-th one judges.
    boolean[] judge = new boolean[n];
    for (int i = 0; i < judges; i++) {
      judge[(int) ((i + 0.5) * n / judges)] = true;
    }
    VectorBridge bridge =
        VectorBridge.fit(
            pairs.encoder(),
            pairs.index(),
            rows(pairs.asked(), judge, false),
            rows(pairs.kept(), judge, false));
    float[][] asked = rows(pairs.asked(), judge, true);
    float[][] kept = rows(pairs.kept(), judge, true);
    return new Measured(
        known.measured(
            VectorChange.of(matrix(pairs.kept()), matrix(pairs.asked())),
            n - asked.length,
            asked.length,
            bridge.recall(asked, kept, NEAREST)),
        bridge);
  }

  private static float[][] rows(float[][] all, boolean[] judge, boolean judging) {
    return IntStream.range(0, all.length)
        .filter(i -> judge[i] == judging)
        .mapToObj(i -> all[i])
        .toArray(float[][]::new);
  }

  private static FeatureMatrix matrix(float[][] rows) {
    int d = rows[0].length;
    float[] values = new float[rows.length * d];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, values, i * d, d);
    }
    return new FeatureMatrix(values, rows.length, d, new int[rows.length]);
  }
}
