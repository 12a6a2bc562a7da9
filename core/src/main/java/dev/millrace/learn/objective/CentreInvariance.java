package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Tensor;

/**
 * LeJEPA's invariance (Balestriero and LeCun, "LeJEPA: Provable and Scalable Self-Supervised
 * Learning Without the Heuristics", arXiv 2511.08544, section 5): every view lies where the mean of
 * the global views does. Stateless and thread-safe.
 */
public final class CentreInvariance {
  private CentreInvariance() {}

  /**
   * Mean of the squared differences, over views, pictures and dimensions.
   *
   * @param all embeddings of all views, {@code [V, N, d] float32}
   * @param global of the global ones, {@code [G, N, d] float32}; the gradient flows into both
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor all, Tensor global) {
    if (all.dim() != 3
        || global.dim() != 3
        || all.size(1) != global.size(1)
        || all.size(2) != global.size(2)) {
      throw new IllegalArgumentException(
          "found views %s and global views %s, expected [V, N, d] and [G, N, d]: embed all by one head"
              .formatted(Shapes.of(all), Shapes.of(global)));
    }
    return all.sub(global.mean(0).unsqueeze(0)).square().mean();
  }
}
