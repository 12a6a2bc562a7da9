package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Barlow Twins' loss (Zbontar et al., "Barlow Twins: Self-Supervised Learning via Redundancy
 * Reduction", ICML 2021, eq. 1): the cross-correlation of two views' embeddings must be the
 * identity. Stateless and thread-safe.
 */
public final class RedundancyReduction {
  /** The constant of PyTorch's batch normalisation, which published code uses here. */
  private static final double EPSILON = 1e-5;

  private RedundancyReduction() {}

  /**
   * s (Σᵢ (1 − Cᵢᵢ)² + λ Σᵢ Σⱼ≠ᵢ Cᵢⱼ²), C the correlation over the batch of each pair of columns.
   *
   * @param one {@code [N, d] float32}, N ≥ 2
   * @param two {@code [N, d] float32}; the gradient flows into both
   * @param lambda λ, 0 or more; the paper's is 0.005
   * @param scale s, above 0; 1 in the paper
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, double lambda, double scale) {
    return loss(one, two, lambda, scale, EPSILON);
  }

  /** With another small number beside the variance. */
  static Tensor loss(Tensor one, Tensor two, double lambda, double scale, double epsilon) {
    Shapes.requireAlike(one, two);
    Shapes.requireRows(one, 2);
    double rows = one.size(0);
    Tensor correlation =
        Shapes.standardised(one, epsilon)
            .t()
            .matmul(Shapes.standardised(two, epsilon))
            .div(new Scalar(rows));
    Tensor own = correlation.diagonal();
    Tensor others = correlation.square().sum().sub(own.square().sum());
    Tensor unlike = own.sub(new Scalar(1.0)).square().sum();
    return unlike.add(others.mul(new Scalar(lambda))).mul(new Scalar(scale));
  }
}
