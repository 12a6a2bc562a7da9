package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.engine.UnitRows;
import dev.millrace.learn.network.Ranks;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
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

  /** Those that are there, of a list and of single ones that may be null. */
  static List<Tensor> present(List<Tensor> some, Tensor... more) {
    return Stream.concat(some.stream(), Arrays.stream(more)).filter(Objects::nonNull).toList();
  }

  /** The rows of all ranks, of each in a list. */
  static List<Tensor> gathered(List<Tensor> rows, Ranks ranks) {
    return rows.stream().map(ranks::gather).toList();
  }

  /** The rows of all ranks; null stays null. */
  static Tensor gathered(Tensor rows, Ranks ranks) {
    return rows == null ? null : ranks.gather(rows);
  }

  /** Rows of unit length: x / max(‖x‖, 10⁻¹²), as float32. */
  static Tensor unit(Tensor x) {
    return UnitRows.of(x.to(org.bytedeco.pytorch.global.torch.ScalarType.Float));
  }
}
