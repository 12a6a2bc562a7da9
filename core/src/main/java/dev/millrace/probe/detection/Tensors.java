package dev.millrace.probe.detection;

import dev.millrace.engine.Device;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Arrays of the JVM's side as tensors and back, always copied; the caller's scope owns them. */
final class Tensors {
  private Tensors() {}

  /** {@code float32} of a shape that the values fill. */
  static Tensor of(float[] values, Device device, long... shape) {
    if (values.length == 0) {
      return torch.zeros(shape).to(device.torch(), ScalarType.Float);
    }
    try (FloatPointer memory = new FloatPointer(values)) {
      return torch.from_blob(memory, shape).clone().to(device.torch(), ScalarType.Float);
    }
  }

  /** {@code int64} of a shape that the values fill. */
  static Tensor of(long[] values, Device device, long... shape) {
    if (values.length == 0) {
      return torch.zeros(shape).to(device.torch(), ScalarType.Long);
    }
    try (LongPointer memory = new LongPointer(values)) {
      return torch
          .from_blob(memory, shape, new TensorOptions(ScalarType.Long))
          .clone()
          .to(device.torch(), ScalarType.Long);
    }
  }

  /** All values, row-major. */
  static float[] floats(Tensor tensor) {
    Tensor plain = tensor.detach().cpu().to(ScalarType.Float).contiguous();
    float[] values = new float[Math.toIntExact(plain.numel())];
    if (values.length > 0) {
      plain.data_ptr_float().get(values);
    }
    return values;
  }
}
