package dev.millrace.probe;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.Require;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Few-shot classification on frozen features: many small tasks, each with N classes of which K
 * examples are known, and queries to tell apart. Features are scaled to norm 1; the classifier is
 * the nearest class mean (Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning",
 * NeurIPS 2017, §2.3, squared Euclidean distance) or a logistic regression (Tian et al.,
 * "Rethinking Few-Shot Image Classification", ECCV 2020). Stateless and thread-safe.
 */
public final class FewShot {
  private FewShot() {}

  /** What learns from the K examples. */
  public enum Head {
    /** The nearest class mean. */
    PROTOTYPE,
    /**
     * L2-regularised logistic regression: mean cross-entropy + ½‖W‖²/(NK), scikit-learn's C = 1.
     */
    LOGISTIC
  }

  /**
   * What an episode is.
   *
   * @param ways N, classes an episode, at least 2
   * @param shots K, examples per class, at least 1
   * @param queries pictures per class to tell apart, at least 1
   * @param episodes how many, at least 2
   * @param head what learns from the examples
   * @param seed with the episode's number it decides the episode
   */
  public record Settings(int ways, int shots, int queries, int episodes, Head head, long seed) {
    /** Checks the ranges. */
    public Settings {
      Require.flag(ways >= 2, "--ways", ways + ": expected 2 classes or more");
      Require.flag(shots >= 1, "--shots", shots + ": expected 1 example a class or more");
      Require.flag(queries >= 1, "--queries", queries + ": expected 1 query a class or more");
      Require.flag(episodes >= 2, "--episodes", episodes + ": expected 2 or more");
    }

    /** The paper's protocol: 5 ways, 15 queries, 600 episodes, prototypes; seed 0. */
    public static Settings paper(int shots) {
      return new Settings(5, shots, 15, 600, Head.PROTOTYPE, 0);
    }

    /** Pictures a class must have to be drawn: K + queries. */
    public int needed() {
      return shots + queries;
    }
  }

  /**
   * Accuracy over the episodes.
   *
   * @param mean percent
   * @param ci95 half of the 95 % interval, percent: 1.96 · standard deviation / √episodes
   */
  public record Score(double mean, double ci95) {
    static Score of(double[] percents) {
      double mean = Arrays.stream(percents).average().orElseThrow();
      double square = Arrays.stream(percents).map(p -> (p - mean) * (p - mean)).sum();
      double deviation = Math.sqrt(square / (percents.length - 1));
      return new Score(mean, 1.96 * deviation / Math.sqrt(percents.length));
    }
  }

  /** The classes with enough rows to be drawn, ascending. */
  public static int[] usable(FeatureMatrix features, Settings settings) {
    int[] counts = features.counts(features.classes());
    return IntStream.range(0, counts.length).filter(c -> counts[c] >= settings.needed()).toArray();
  }

  /**
   * Mean and interval of {@link #accuracies}.
   *
   * @throws IllegalArgumentException if fewer than N classes are usable
   */
  public static Score score(FeatureMatrix features, Settings settings) {
    return Score.of(accuracies(features, settings));
  }

  /**
   * The accuracy of each episode in percent; an episode depends only on the seed and its number.
   *
   * @throws IllegalArgumentException if fewer than N classes are {@link #usable}
   */
  public static double[] accuracies(FeatureMatrix features, Settings settings) {
    int[] usable = usable(features, settings);
    if (usable.length < settings.ways()) {
      throw new IllegalArgumentException(
          ("found %d classes with at least %d + %d pictures, expected %d for an episode:"
                  + " lower --ways, --shots or --queries, or give more pictures a class")
              .formatted(usable.length, settings.shots(), settings.queries(), settings.ways()));
    }
    FeatureMatrix unit = features.normalised();
    int[][] rows = new int[usable.length][];
    for (int u = 0; u < usable.length; u++) {
      int label = usable[u];
      rows[u] = IntStream.range(0, unit.n()).filter(i -> unit.labels()[i] == label).toArray();
    }
    double[] percents = new double[settings.episodes()];
    for (int e = 0; e < percents.length; e++) {
      percents[e] = episode(unit, rows, settings, Draw.of(settings.seed(), "few-shot", e));
    }
    return percents;
  }

  private static double episode(FeatureMatrix unit, int[][] rows, Settings settings, Draw draw) {
    int ways = settings.ways();
    int shots = settings.shots();
    int[] classes = draw.at(0).sample(rows.length, ways);
    int[] support = new int[ways * shots];
    int[] query = new int[ways * settings.queries()];
    for (int w = 0; w < ways; w++) {
      int[] all = rows[classes[w]];
      int[] some = draw.at(1 + w).sample(all.length, settings.needed());
      for (int i = 0; i < some.length; i++) {
        if (i < shots) {
          support[w * shots + i] = all[some[i]];
        } else {
          query[w * settings.queries() + i - shots] = all[some[i]];
        }
      }
    }
    FeatureMatrix known = numbered(unit.rows(support), shots);
    FeatureMatrix asked = numbered(unit.rows(query), settings.queries());
    int[] told =
        settings.head() == Head.PROTOTYPE ? nearest(known, asked, ways) : logistic(known, asked);
    return Accuracy.of(told, asked.labels()).top1();
  }

  /** The same rows with the episode's classes 0 … N − 1, so many rows each. */
  private static FeatureMatrix numbered(FeatureMatrix rows, int each) {
    int[] labels = IntStream.range(0, rows.n()).map(i -> i / each).toArray();
    return new FeatureMatrix(rows.values(), rows.n(), rows.d(), labels);
  }

  /** The class with the nearest mean; of equally near ones the lowest. */
  private static int[] nearest(FeatureMatrix known, FeatureMatrix asked, int ways) {
    int d = known.d();
    int shots = known.n() / ways;
    double[] means = new double[ways * d];
    for (int i = 0; i < known.n(); i++) {
      for (int j = 0; j < d; j++) {
        means[known.labels()[i] * d + j] += known.values()[i * d + j] / (double) shots;
      }
    }
    int[] told = new int[asked.n()];
    for (int i = 0; i < told.length; i++) {
      double best = Double.POSITIVE_INFINITY;
      for (int c = 0; c < ways; c++) {
        double distance = 0;
        for (int j = 0; j < d; j++) {
          double off = asked.values()[i * d + j] - means[c * d + j];
          distance += off * off;
        }
        if (distance < best) {
          best = distance;
          told[i] = c;
        }
      }
    }
    return told;
  }

  private static int[] logistic(FeatureMatrix known, FeatureMatrix asked) {
    double[] lambda = {1.0 / known.n()};
    return LinearProbe.sweep(known, lambda, LinearProbe.Settings.paper())[0].predict(asked);
  }
}
