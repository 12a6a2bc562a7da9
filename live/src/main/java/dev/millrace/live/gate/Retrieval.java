package dev.millrace.live.gate;

import dev.millrace.probe.FeatureMatrix;

/**
 * Instance retrieval: whether a view of a picture is nearer to the other view of the same picture
 * than to those of some others. Immutable.
 */
final class Retrieval {
  /** Among fewer others chance alone finds too often. */
  private static final int FEWEST_OTHERS = 4;

  /** Of each picture, how many of those that come behind it are less near, one after another. */
  private final int[] beaten;

  private Retrieval(int[] beaten) {
    this.beaten = beaten;
  }

  /**
   * Of two views of the same pictures, in random order.
   *
   * @param one features of the first view, {@code [N, D]}, rows of length 1
   * @param other features of the second
   */
  static Retrieval of(FeatureMatrix one, FeatureMatrix other) {
    int n = one.n();
    int[] beaten = new int[n];
    for (int i = 0; i < n; i++) {
      double own = cosine(one, i, other, i);
      while (beaten[i] < n - 1 && cosine(one, i, other, (i + beaten[i] + 1) % n) < own) {
        beaten[i]++;
      }
    }
    return new Retrieval(beaten);
  }

  /** Per picture, whether it is found among so many others. */
  boolean[] among(int others) {
    boolean[] found = new boolean[beaten.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = beaten[i] >= others;
    }
    return found;
  }

  /**
   * Among how many others two encoders tell most from each other: the largest number, halved from
   * all of them, at which they find half of the pictures on average. Both count alike, so that the
   * choice favours neither.
   */
  static int others(Retrieval a, Retrieval b) {
    int others = a.beaten.length - 1;
    while (others / 2 >= FEWEST_OTHERS
        && LabelledJudge.share(a.among(others)) + LabelledJudge.share(b.among(others)) < 1) {
      others /= 2;
    }
    return others;
  }

  static double cosine(FeatureMatrix a, int i, FeatureMatrix b, int j) {
    double sum = 0;
    for (int k = 0; k < a.d(); k++) {
      sum += (double) a.values()[i * a.d() + k] * b.values()[j * a.d() + k];
    }
    return sum;
  }
}
