package dev.millrace.insight;

import java.util.stream.IntStream;

/**
 * What learning later chunks did to earlier ones, from A[i][j], the accuracy after chunk i on part
 * j; 0-based, T chunks. Unmeasured values are NaN and must not be needed. All in the unit of A.
 *
 * @param averageAccuracy mean over j of A[T−1][j]
 * @param forgetting mean over j &lt; T−1 of max over i &lt; T−1 of A[i][j], less A[T−1][j]
 *     (Chaudhry et al., "Riemannian Walk for Incremental Learning", ECCV 2018, §3.2); negative
 *     where the last chunk helped
 * @param backwardTransfer mean over j &lt; T−1 of A[T−1][j] − A[j][j] (Lopez-Paz and Ranzato,
 *     "Gradient Episodic Memory for Continual Learning", NeurIPS 2017, eq. 3)
 * @param forwardTransfer mean over j &gt; 0 of A[j−1][j] − b[j], b the untrained encoder's row (eq.
 *     4 there); NaN without it
 */
public record Forgetting(
    double averageAccuracy, double forgetting, double backwardTransfer, double forwardTransfer) {
  /**
   * From a matrix of at least two chunks.
   *
   * @param accuracy {@code [T][T]}
   * @param untrained {@code [T]}, or null
   * @throws IllegalArgumentException if the shapes do not fit or a value is missing
   */
  public static Forgetting of(double[][] accuracy, double[] untrained) {
    int last = accuracy.length - 1;
    if (last < 1) {
      throw new IllegalArgumentException(
          "found accuracies after %d chunk, expected 2 or more: a stream of one chunk forgets nothing"
              .formatted(accuracy.length));
    }
    for (double[] row : accuracy) {
      requireLength(row, last + 1);
    }
    if (untrained != null) {
      requireLength(untrained, last + 1);
    }
    double average = IntStream.rangeClosed(0, last).mapToDouble(j -> accuracy[last][j]).sum();
    double lost = 0;
    double backward = 0;
    double forward = 0;
    for (int j = 0; j < last; j++) {
      int part = j;
      double best =
          IntStream.range(0, last)
              .mapToDouble(i -> accuracy[i][part])
              .filter(value -> !Double.isNaN(value))
              .max()
              .orElse(Double.NaN);
      lost += best - accuracy[last][j];
      backward += accuracy[last][j] - accuracy[j][j];
      forward += untrained == null ? Double.NaN : accuracy[j][j + 1] - untrained[j + 1];
    }
    if (Double.isNaN(average + lost + backward)) {
      throw new IllegalArgumentException(
          "an accuracy of the diagonal or of the last row is missing; measure every part after its own chunk and after the last");
    }
    return new Forgetting(average / (last + 1), lost / last, backward / last, forward / last);
  }

  private static void requireLength(double[] row, int length) {
    if (row.length != length) {
      throw new IllegalArgumentException(
          "found a row of %d accuracies for %d chunks, expected one a part: a chunk has one part"
              .formatted(row.length, length));
    }
  }
}
