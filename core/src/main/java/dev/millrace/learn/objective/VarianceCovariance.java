package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * VICReg's loss (Bardes, Ponce, LeCun, "VICReg: Variance-Invariance-Covariance Regularization for
 * Self-Supervised Learning", ICLR 2022, eq. 6): views alike, every dimension alive, no two
 * dimensions the same. Stateless and thread-safe.
 */
public final class VarianceCovariance {
  private VarianceCovariance() {}

  /**
   * What each term weighs.
   *
   * @param invariance λ of the mean squared difference of the views; the paper's is 25
   * @param variance μ of the hinge on each dimension's deviation, summed over both views; 25
   * @param covariance ν of the squared covariances, summed over both views; 1
   * @param epsilon within the square root of the deviation, above 0; 1e-4
   */
  public record Weights(double invariance, double variance, double covariance, double epsilon) {}

  /**
   * λ mean‖z − z′‖² + μ Σ mean max(0, 1 − √(Var + ε)) + ν Σ Σᵢ≠ⱼ Covᵢⱼ² / d.
   *
   * @param one {@code [N, d] float32}, N ≥ 2
   * @param two {@code [N, d] float32}; the gradient flows into both
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, Weights weights) {
    Shapes.requireAlike(one, two);
    Shapes.requireRows(one, 2);
    Tensor unlike = one.sub(two).square().mean();
    Tensor a = Shapes.centred(one);
    Tensor b = Shapes.centred(two);
    Tensor dead = dead(a, weights.epsilon()).add(dead(b, weights.epsilon()));
    Tensor same = same(a).add(same(b));
    return unlike
        .mul(new Scalar(weights.invariance()))
        .add(dead.mul(new Scalar(weights.variance())))
        .add(same.mul(new Scalar(weights.covariance())));
  }

  private static Tensor dead(Tensor centred, double epsilon) {
    Scalar less = new Scalar(centred.size(0) - 1.0);
    Tensor deviation = centred.square().sum(0).div(less).add(new Scalar(epsilon)).sqrt();
    return deviation.neg().add(new Scalar(1.0)).relu().mean();
  }

  private static Tensor same(Tensor centred) {
    Tensor covariance = centred.t().matmul(centred).div(new Scalar(centred.size(0) - 1.0));
    return covariance
        .square()
        .sum()
        .sub(covariance.diagonal().square().sum())
        .div(new Scalar((double) centred.size(1)));
  }
}
