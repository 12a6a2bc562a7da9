package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Balanced assignments of a batch to prototypes (Cuturi, "Sinkhorn Distances", NeurIPS 2013, as in
 * Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
 * NeurIPS 2020, section 3.1): each row's mass to where it scores, each prototype an equal part of
 * the batch. Computed on logarithms, so no score is too far off to count. Stateless and
 * thread-safe.
 */
public final class Sinkhorn {
  private Sinkhorn() {}

  /**
   * The assignments after some rounds of making prototypes equal, then rows.
   *
   * @param scores {@code [B, K] float32} of rows against prototypes; detached here
   * @param epsilon ε &gt; 0: the larger, the softer
   * @param iterations rounds, at least 1
   * @return {@code [B, K] float32}, rows that sum to 1; call inside a pointer scope, which closes
   *     it and what it is made of
   * @throws IllegalArgumentException if a number or the shape does not fit
   */
  public static Tensor assignments(Tensor scores, double epsilon, int iterations) {
    if (scores.dim() != 2 || !(epsilon > 0) || Double.isInfinite(epsilon) || iterations < 1) {
      throw new IllegalArgumentException(
          "found scores %s, epsilon %s and %d iterations; expected scores [B, K], an epsilon above 0 such as 0.05, and at least 1 iteration"
              .formatted(Shapes.of(scores), epsilon, iterations));
    }
    Tensor logs = scores.detach().div(new Scalar(epsilon));
    for (int i = 0; i < iterations; i++) {
      logs = torch.log_softmax(logs, 0); // what is equal for all prototypes falls out below
      logs = torch.log_softmax(logs, 1);
    }
    return logs.exp();
  }
}
