package dev.millrace.learn.objective;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * SwAV's loss (Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster
 * Assignments", NeurIPS 2020, eq. 2): from one view, the cluster that another view was assigned to.
 * Stateless and thread-safe.
 */
public final class SwappedPrediction {
  private SwappedPrediction() {}

  /**
   * Mean over all pairs of an assigned view a and another view b of the mean over pictures of −Σ
   * assigned(a) log softmax(scores(b)/τ).
   *
   * @param scores of each view against the prototypes, {@code [N, K] float32} each; the gradient
   *     flows into them
   * @param assigned of the first views, {@code [N, K] float32} each, rows that sum to 1; at most as
   *     many as scores; detached here
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes, numbers of views or the temperature do not fit
   */
  public static Tensor loss(List<Tensor> scores, List<Tensor> assigned, double temperature) {
    Shapes.requireTemperature(temperature);
    if (assigned.isEmpty() || assigned.size() > scores.size() || scores.size() < 2) {
      throw new IllegalArgumentException(
          "found assignments of %d views and scores of %d; expected at least one assigned view, two scored ones, and scores for each that is assigned"
              .formatted(assigned.size(), scores.size()));
    }
    List<Tensor> logs =
        scores.stream().map(s -> torch.log_softmax(s.div(new Scalar(temperature)), 1)).toList();
    Tensor sum = null;
    for (int a = 0; a < assigned.size(); a++) {
      for (int b = 0; b < scores.size(); b++) {
        Shapes.requireAlike(assigned.get(a), scores.get(b));
        if (a != b) {
          Tensor pair = assigned.get(a).detach().mul(logs.get(b)).sum(1).mean().neg();
          sum = sum == null ? pair : sum.add(pair);
        }
      }
    }
    return sum.div(new Scalar((double) assigned.size() * (scores.size() - 1)));
  }
}
