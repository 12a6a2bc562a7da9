package dev.millrace.probe;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weighted k-nearest-neighbour classification on cosine similarity (Wu et al., "Unsupervised
 * Feature Learning via Non-Parametric Instance Discrimination", CVPR 2018, §3.4): each of the k
 * nearest training rows votes exp(similarity / temperature) for its class. Stateless and
 * thread-safe.
 */
public final class Knn {
  /** Similarities held at once: 64 MB of float32. */
  private static final int BLOCK = 1 << 24;

  private Knn() {}

  /**
   * What to vote with.
   *
   * @param k neighbours, at least 1; fewer training rows than k all vote
   * @param temperature above 0
   */
  public record Settings(int k, double temperature) {
    /** Checks the ranges. */
    public Settings {
      if (k < 1 || !(temperature > 0)) {
        throw new IllegalArgumentException(
            "found k %d and temperature %s, expected k ≥ 1 and a temperature above 0: try 200, 0.1"
                .formatted(k, temperature));
      }
    }

    /** The paper's monitor: k = 200, temperature 0.1. */
    public static Settings paper() {
      return new Settings(200, 0.1);
    }
  }

  /**
   * How many neighbours vote, whatever the set.
   *
   * @param k a number, or 0 for as many as a class has training pictures, up to 200
   * @param temperature above 0
   */
  public record Neighbours(int k, double temperature) {
    /** The number of pictures that a class has, up to the paper's 200. */
    public static final int AUTO = 0;

    /** Checks the ranges. */
    public Neighbours {
      new Settings(k == AUTO ? 1 : k, temperature);
    }

    /** The paper's, cut to what a class of a small set has; temperature 0.1. */
    public static Neighbours paper() {
      return new Neighbours(AUTO, Settings.paper().temperature());
    }

    /**
     * The settings for a set. Where a class has fewer pictures than vote, most votes are of others,
     * however near its own are; so no more vote than a class has on average.
     *
     * @param rows training pictures
     * @param classes at least 1
     */
    public Settings of(int rows, int classes) {
      return new Settings(
          k == AUTO ? Math.max(1, Math.min(Settings.paper().k(), rows / classes)) : k, temperature);
    }
  }

  /**
   * The class of each test row; of equal votes the lowest class.
   *
   * @param train at least one row
   * @throws IllegalArgumentException if train is empty or the widths differ
   */
  public static int[] predict(FeatureMatrix train, FeatureMatrix test, Settings settings) {
    if (train.n() == 0) {
      throw new IllegalArgumentException(
          "found no training features, expected at least one row: give a training set");
    }
    train.requireWidth(test);
    int[] predictions = new int[test.n()];
    int k = Math.min(settings.k(), train.n());
    int block = Math.max(1, BLOCK / train.n());
    double[] votes = new double[train.classes()];
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor keys = train.normalised().tensor().t();
      Tensor queries = test.normalised().tensor();
      for (int from = 0; from < test.n(); from += block) {
        int rows = Math.min(block, test.n() - from);
        float[] near = new float[rows * k];
        long[] at = new long[rows * k];
        try (PointerScope inner = new PointerScope()) {
          Tensor similarity = torch.matmul(queries.narrow(0, from, rows), keys);
          T_TensorTensor_T top = torch.topk(similarity, k, 1, true, true);
          top.get0().contiguous().data_ptr_float().get(near);
          top.get1().contiguous().data_ptr_long().get(at);
        }
        for (int i = 0; i < rows; i++) {
          predictions[from + i] = vote(near, at, i * k, k, train.labels(), votes, settings);
        }
      }
    }
    return predictions;
  }

  /** The accuracy of {@link #predict} on test, which has at least one row. */
  public static Accuracy accuracy(FeatureMatrix train, FeatureMatrix test, Settings settings) {
    return Accuracy.of(predict(train, test, settings), test.labels());
  }

  private static int vote(
      float[] near, long[] at, int from, int k, int[] labels, double[] votes, Settings settings) {
    java.util.Arrays.fill(votes, 0);
    for (int j = from; j < from + k; j++) {
      // Relative to the nearest, so that a small temperature cannot overflow the exponential.
      votes[labels[(int) at[j]]] +=
          Math.exp(((double) near[j] - near[from]) / settings.temperature());
    }
    int best = 0;
    for (int c = 1; c < votes.length; c++) {
      best = votes[c] > votes[best] ? c : best;
    }
    return best;
  }
}
