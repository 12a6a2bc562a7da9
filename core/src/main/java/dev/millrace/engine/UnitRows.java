package dev.millrace.engine;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Rows brought to norm 1, for cosines. Stateless and thread-safe. */
public final class UnitRows {
  private static final double LEAST = 1e-12;

  private UnitRows() {}

  /**
   * Rows of norm 1, by a least norm of 10⁻¹².
   *
   * @param x {@code [N, d]} of floating point
   * @return of its shape and dtype; the caller's scope owns it
   */
  public static Tensor of(Tensor x) {
    return of(x, LEAST);
  }

  /**
   * With another least norm: x / max(‖x‖, least). A row of zeros stays so, and its gradient is
   * finite: the square is bounded, since the root has no derivative at 0, and one such row would
   * make every gradient NaN.
   */
  public static Tensor of(Tensor x, double least) {
    Tensor square = x.square().sum(new long[] {1}, true, new ScalarTypeOptional());
    return x.div(square.clamp_min(new Scalar(least * least)).sqrt());
  }
}
