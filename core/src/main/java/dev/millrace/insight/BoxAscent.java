package dev.millrace.insight;

import dev.millrace.draw.Draw;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The largest loss in a box around weights, by steps along the gradient's signs. Stateless. */
final class BoxAscent {
  /**
   * What was found.
   *
   * @param base the loss at the weights
   * @param most the largest loss that was met, at least the base
   */
  record Found(double base, double most) {}

  private BoxAscent() {}

  /**
   * Climbs from a drawn point of the box, clipped to it; a few steps give a lower bound, exact
   * where the loss is a convex quadratic with a diagonal Hessian around its minimum. Leaves the
   * surface where it was.
   *
   * @param box half the width along each weight, {@code [P] float32}
   * @param steps at least 1
   */
  static Found of(LossSurface surface, Tensor box, int steps, Draw draw) {
    try (PointerScope scope = new PointerScope()) {
      Tensor weights = surface.weights();
      Tensor centre = weights.clone();
      try {
        double base = surface.loss();
        Tensor gradient = weights.clone();
        Tensor y = Directions.uniform(weights, draw).mul(box);
        // From anywhere in the box half of the steps reach its border.
        Tensor stride = box.mul(new Scalar(2.0 / steps));
        double most = base;
        for (int step = 0; step < steps; step++) {
          try (PointerScope inner = new PointerScope()) {
            weights.copy_(centre.add(y));
            most = Math.max(most, surface.gradient(gradient));
            y.add_(gradient.sign().mul(stride));
            y.copy_(y.minimum(box).maximum(box.neg()));
          }
        }
        weights.copy_(centre.add(y));
        most = Math.max(most, surface.loss());
        return new Found(base, most);
      } finally {
        weights.copy_(centre);
      }
    }
  }
}
