package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * MoCo v3's loss (Chen, Xie, He, "An Empirical Study of Training Self-Supervised Vision
 * Transformers", ICCV 2021, algorithm 1): a query must tell its own key among the keys of the
 * batch. Stateless and thread-safe.
 */
public final class BatchNce {
  private BatchNce() {}

  /**
   * 2τ times the mean over queries of −log softmax(q·kᵀ/τ) at the query's own key; rows are brought
   * to norm 1 first.
   *
   * @param q queries {@code [N, d] float32}; the gradient flows into them
   * @param k keys {@code [N, d] float32}; detached here
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor q, Tensor k, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(q, k);
    Tensor logits = UnitRows.of(q).matmul(UnitRows.of(k.detach()).t()).div(new Scalar(temperature));
    return Shapes.ownAmongAll(logits).mul(new Scalar(2 * temperature));
  }
}
