package dev.millrace.probe;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

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
  /** Scores held at once: 8 MB of float32. */
  private static final int BLOCK = 1 << 21;

  /** The class of each row; of equal scores the lowest. */
  public int[] predict(FeatureMatrix features) {
    if (features.d() != d) {
      throw new IllegalArgumentException(
          "found features of %d columns, expected %d as in training: use the same encoder"
              .formatted(features.d(), d));
    }
    int[] predictions = new int[features.n()];
    int block = Math.max(1, BLOCK / bias.length);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = features.tensor();
      Tensor w = torch.from_blob(new FloatPointer(weights), bias.length, d).t();
      Tensor b = torch.from_blob(new FloatPointer(bias), new long[] {bias.length});
      for (int from = 0; from < predictions.length; from += block) {
        int rows = Math.min(block, predictions.length - from);
        try (PointerScope inner = new PointerScope()) {
          Tensor best =
              torch.addmm(b, x.narrow(0, from, rows), w).argmax(new LongOptional(1), false);
          best.to(ScalarType.Int).data_ptr_int().get(predictions, from, rows);
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
