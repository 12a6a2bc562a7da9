package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * NNCLR's loss (Dwibedi et al., "With a Little Help from My Friends: Nearest-Neighbor Contrastive
 * Learning of Visual Representations", ICCV 2021, eq. 3): the nearest neighbour of one view must
 * tell the prediction from the other view among those of the batch. Stateless and thread-safe.
 */
public final class NeighbourNce {
  private NeighbourNce() {}

  /**
   * Mean over rows of −log softmax(nn·pᵀ/τ) at the row's own prediction; rows are brought to norm 1
   * first.
   *
   * @param neighbours {@code [N, d] float32}; detached here
   * @param p predictions {@code [N, d] float32}; the gradient flows into them
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor neighbours, Tensor p, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(neighbours, p);
    return Shapes.ownAmongAll(
        UnitRows.of(neighbours.detach()).matmul(UnitRows.of(p).t()).div(new Scalar(temperature)));
  }
}
