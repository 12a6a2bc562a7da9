package dev.millrace.insight;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The derivatives of a surface in other units: with weights x = D·u those by u.
 *
 * @param surface whose weights stay in their own units
 * @param units diagonal of D, {@code [P] float32}, 0 where a weight stays
 */
record ScaledSurface(LossSurface surface, Tensor units) implements LossSurface {
  @Override
  public Tensor weights() {
    return surface.weights();
  }

  @Override
  public double loss() {
    return surface.loss();
  }

  @Override
  public double gradient(Tensor into) {
    double loss = surface.gradient(into);
    into.mul_(units);
    return loss;
  }

  @Override
  public void curvature(Tensor direction, Tensor into) {
    try (PointerScope scope = new PointerScope()) {
      surface.curvature(direction.mul(units), into);
      into.mul_(units);
    }
  }
}
