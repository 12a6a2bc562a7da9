package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * BYOL's loss (Grill et al., "Bootstrap Your Own Latent", NeurIPS 2020, eq. 2): the squared
 * distance of a prediction and its target, both brought to norm 1. Stateless and thread-safe.
 */
public final class NegativeCosine {
  /**
   * The least norm of {@code torch.nn.functional.cosine_similarity}, by which both are published.
   */
  private static final double LEAST = 1e-8;

  private NegativeCosine() {}

  /**
   * Mean over rows of 2 − 2 cos(p, z), in 0 … 4.
   *
   * @param p predictions {@code [N, d] float32}; the gradient flows into them
   * @param z targets {@code [N, d] float32}; detached here
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor p, Tensor z) {
    return cosine(p, z).mul(new Scalar(-2.0)).add(new Scalar(2.0));
  }

  /**
   * SimSiam's form of the same (Chen and He, "Exploring Simple Siamese Representation Learning",
   * CVPR 2021, eq. 1): mean over rows of −cos(p, z), in −1 … 1. Arguments as above.
   */
  public static Tensor plain(Tensor p, Tensor z) {
    return cosine(p, z).neg();
  }

  private static Tensor cosine(Tensor p, Tensor z) {
    Shapes.requireAlike(p, z);
    return UnitRows.of(p, LEAST).mul(UnitRows.of(z.detach(), LEAST)).sum(1).mean();
  }
}
