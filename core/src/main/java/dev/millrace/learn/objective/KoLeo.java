package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The Kozachenko-Leonenko regulariser (Sablayrolles et al., "Spreading vectors for similarity
 * search", ICLR 2019, eq. 3): no embedding is near its nearest neighbour. Stateless and
 * thread-safe.
 */
public final class KoLeo {
  private static final double EPSILON = 1e-8;

  private KoLeo() {}

  /**
   * Mean over rows of −log of the distance to the nearest other row, rows brought to norm 1 first.
   *
   * @param x {@code [N, d] float32}, N ≥ 2; the gradient flows into it
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if the shape does not fit
   */
  public static Tensor loss(Tensor x) {
    return loss(x, EPSILON);
  }

  /** With another small number within and beside the distance, and as least norm. */
  static Tensor loss(Tensor x, double epsilon) {
    Shapes.requireAlike(x, x);
    Shapes.requireRows(x, 2);
    Tensor unit = UnitRows.of(x, epsilon);
    Tensor nearest;
    try (NoGradGuard stop = new NoGradGuard()) {
      Tensor alike = unit.matmul(unit.t()).masked_fill(Shapes.diagonal(unit), new Scalar(-2.0));
      nearest = alike.max(1, false).get1();
    }
    // The small number within the distance is PyTorch's, so that equal rows have a derivative.
    Tensor apart = unit.sub(unit.index_select(0, nearest)).add(new Scalar(epsilon));
    Tensor distance = apart.square().sum(1).sqrt();
    return distance.add(new Scalar(epsilon)).log().mean().neg();
  }
}
