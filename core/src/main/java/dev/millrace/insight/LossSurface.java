package dev.millrace.insight;

import org.bytedeco.pytorch.Tensor;

/**
 * A loss as a function of weights. Whoever explores it writes into {@link #weights()} and puts back
 * what was there. Not thread-safe.
 */
public interface LossSurface {
  /** The point: {@code [P] float32}, live and owned by the surface. */
  Tensor weights();

  /** The loss at the present weights. */
  double loss();

  /**
   * The loss and its gradient at the present weights.
   *
   * @param into {@code [P] float32}, overwritten with the gradient; must not be the weights
   * @return the loss
   */
  double gradient(Tensor into);

  /**
   * The Hessian at the present weights times a direction.
   *
   * @param direction {@code [P] float32}
   * @param into {@code [P] float32}, overwritten with the product
   */
  void curvature(Tensor direction, Tensor into);
}
