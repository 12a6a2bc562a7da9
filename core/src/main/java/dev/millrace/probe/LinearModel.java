package dev.millrace.probe;

/**
 * A fitted multinomial logistic regression. The arrays are not copied; nobody writes to them.
 * Thread-safe.
 *
 * @param weights {@code [C, D] float32}, row-major
 * @param bias {@code [C] float32}
 * @param d columns D
 * @param lambda the regulariser it was fitted with
 * @param loss the objective at the end: mean cross-entropy + λ/2·‖W‖²
 * @param residual ‖∇‖∞ at the end, on centred features
 * @param iterations steps of L-BFGS
 */
@SuppressWarnings("ArrayRecordComponent") // a model is its arrays; equality by identity is meant
public record LinearModel(
    float[] weights,
    float[] bias,
    int d,
    double lambda,
    double loss,
    double residual,
    int iterations) {
  /** The class of each row; of equal scores the lowest. */
  public int[] predict(FeatureMatrix features) {
    if (features.d() != d) {
      throw new IllegalArgumentException(
          "found features of %d columns, expected %d as in training: use the same encoder"
              .formatted(features.d(), d));
    }
    int[] predictions = new int[features.n()];
    for (int i = 0; i < predictions.length; i++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < bias.length; c++) {
        double score = bias[c];
        for (int j = 0; j < d; j++) {
          score += (double) weights[c * d + j] * features.values()[i * d + j];
        }
        if (score > best) {
          best = score;
          predictions[i] = c;
        }
      }
    }
    return predictions;
  }

  /** The accuracy of {@link #predict} on at least one row. */
  public Accuracy accuracy(FeatureMatrix test) {
    return Accuracy.of(predict(test), test.labels());
  }

  /** ‖W‖₂. */
  public double norm() {
    double square = 0;
    for (float w : weights) {
      square += (double) w * w;
    }
    return Math.sqrt(square);
  }
}
