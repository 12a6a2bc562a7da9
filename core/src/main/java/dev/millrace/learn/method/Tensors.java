package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.from_blob;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Values drawn on the JVM's side, brought into tensors. */
final class Tensors {
  private Tensors() {}

  /** Writes row-major values into a tensor, whatever its device and strides. */
  static void fill(Tensor tensor, float[] values) {
    try (PointerScope scope = new PointerScope()) {
      Tensor source = from_blob(new FloatPointer(values), tensor.sizes().vec().get());
      tensor.detach().copy_(source);
    }
  }

  /** Rows of unit length: x / max(‖x‖, 10⁻¹²), as float32. */
  static Tensor unit(Tensor x) {
    Tensor wide = x.to(org.bytedeco.pytorch.global.torch.ScalarType.Float);
    Tensor length =
        wide.square()
            .sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional())
            .sqrt();
    return wide.div(length.clamp_min(new org.bytedeco.pytorch.Scalar(1e-12)));
  }
}
