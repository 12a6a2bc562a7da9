package dev.millrace.insight;

import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The loss ½ wᵀHw + c, whose answers are known, as the mean of two batches. */
final class Quadratic implements AutoCloseable {
  final Parameters parameters;
  final MeanLoss surface;

  /**
   * @param hessian {@code [P · P]}, symmetric
   * @param point {@code [P]}, where the weights are
   */
  Quadratic(float[] hessian, double constant, float... point) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    layout.add("w", point.length);
    parameters = new Parameters(layout.build(), new Device("cpu"), true);
    set(point);
    float[] kept = hessian.clone();
    // The batches differ by ±w₀, which their mean knows nothing of.
    surface =
        new MeanLoss(
            parameters, List.of(() -> loss(kept, constant, 1), () -> loss(kept, constant, -1)));
  }

  static Quadratic diagonal(float[] diagonal, double constant, float... point) {
    float[] hessian = new float[diagonal.length * diagonal.length];
    for (int i = 0; i < diagonal.length; i++) {
      hessian[i * diagonal.length + i] = diagonal[i];
    }
    return new Quadratic(hessian, constant, point);
  }

  private Tensor loss(float[] hessian, double constant, double tilt) {
    Tensor w = parameters.get("w");
    long p = w.size(0);
    Tensor h = torch.from_blob(new FloatPointer(hessian), p, p).clone();
    return w.mul(h.matmul(w))
        .sum()
        .mul(new Scalar(0.5))
        .add(w.select(0, 0).mul(new Scalar(tilt)))
        .add(new Scalar(constant));
  }

  void set(float... point) {
    try (NoGradGuard guard = new NoGradGuard();
        FloatPointer memory = new FloatPointer(point)) {
      parameters.flat().copy_(torch.from_blob(memory, new long[] {point.length}));
    }
  }

  float[] point() {
    float[] values = new float[(int) parameters.flat().numel()];
    parameters.flat().data_ptr_float().get(values);
    return values;
  }

  @Override
  public void close() {
    parameters.close();
  }
}
