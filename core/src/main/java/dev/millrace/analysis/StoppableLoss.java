package dev.millrace.analysis;

import dev.millrace.insight.LossSurface;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss whose exploration can end before every look at it.
 *
 * @param surface what is looked at
 * @param check throws where the exploration is to end
 */
record StoppableLoss(LossSurface surface, Runnable check) implements LossSurface {
  @Override
  public Tensor weights() {
    return surface.weights();
  }

  @Override
  public double loss() {
    check.run();
    return surface.loss();
  }

  @Override
  public double gradient(Tensor into) {
    check.run();
    return surface.gradient(into);
  }

  @Override
  public void curvature(Tensor direction, Tensor into) {
    check.run();
    surface.curvature(direction, into);
  }
}
