package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * TiCo's loss (Zhu et al., "TiCo: Transformation Invariance and Covariance Contrast for
 * Self-Supervised Visual Representation Learning", arXiv 2206.10698, eq. 6): views alike, and
 * embeddings away from the directions in which embeddings have been until now. Stateless and
 * thread-safe: who keeps the covariance from step to step is the caller.
 */
public final class CovarianceContrast {
  private CovarianceContrast() {}

  /**
   * 1 − mean z·z′ + ρ mean zᵀCz, C = βC₀ + (1 − β) zᵀz/N without a gradient; rows are brought to
   * norm 1 first.
   *
   * @param one {@code [N, d] float32}, N ≥ 2
   * @param two {@code [N, d] float32}; the gradient flows into both
   * @param before C₀, {@code [d, d] float32}, zeros at first; detached here
   * @param beta β in [0, 1]; the paper's is 0.9
   * @param rho ρ, 0 or more, such as 20
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, Tensor before, double beta, double rho) {
    Shapes.requireAlike(one, two);
    Shapes.requireRows(one, 2);
    Tensor a = UnitRows.of(one);
    Tensor b = UnitRows.of(two);
    Tensor now = after(a.detach(), before, beta);
    Tensor alike = a.mul(b).sum(1).mean();
    Tensor again = a.matmul(now).mul(a).sum(1).mean();
    return alike.neg().add(new Scalar(1.0)).add(again.mul(new Scalar(rho)));
  }

  /**
   * C as the loss has used it, for the next step.
   *
   * @return {@code [d, d] float32}, without a graph
   */
  public static Tensor covariance(Tensor one, Tensor before, double beta) {
    return after(UnitRows.of(one.detach()), before, beta);
  }

  private static Tensor after(Tensor unit, Tensor before, double beta) {
    if (before.dim() != 2 || before.size(0) != unit.size(1) || before.size(1) != unit.size(1)) {
      throw new IllegalArgumentException(
          "found a covariance %s for embeddings %s, expected [d, d]: begin with zeros"
              .formatted(Shapes.of(before), Shapes.of(unit)));
    }
    Tensor here = unit.t().matmul(unit).div(new Scalar((double) unit.size(0)));
    return before.detach().mul(new Scalar(beta)).add(here.mul(new Scalar(1 - beta)));
  }
}
