package dev.millrace.learn.method;

import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.relu;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * A head on the encoder: linear layers with ReLU between, at {@code PREFIX0.weight}, {@code
 * PREFIX0.bias}, {@code PREFIX2.weight}, … as a PyTorch Sequential names them. The weights live in
 * the method's storage; this class only reads them. Not thread-safe.
 */
final class Projector {
  private final String prefix;
  private final int[] dims;

  /**
   * @param prefix of the parameter names, such as {@code projector.}
   * @param dims widths from input to output; two for a linear layer, three for a hidden layer
   */
  Projector(String prefix, int... dims) {
    this.prefix = prefix;
    this.dims = dims;
  }

  /** Adds this head's parameters to a layout. */
  void layout(Parameters.Layout.Builder into) {
    for (int i = 0; i + 1 < dims.length; i++) {
      into.add(prefix + 2 * i + ".weight", dims[i + 1], dims[i]);
      into.add(prefix + 2 * i + ".bias", dims[i + 1]);
    }
  }

  /** PyTorch's default for linear layers: uniform in ±1/√fan-in, weight and bias. */
  void initialise(Parameters weights, Draw draw) {
    for (int i = 0; i + 1 < dims.length; i++) {
      double bound = 1 / Math.sqrt(dims[i]);
      fill(weights.get(prefix + 2 * i + ".weight"), draw.at(2L * i), bound);
      fill(weights.get(prefix + 2 * i + ".bias"), draw.at(2L * i + 1), bound);
    }
  }

  /** {@code [N, first] → [N, last]}, in the precision of the surrounding autocast. */
  Tensor forward(Parameters weights, Tensor x) {
    for (int i = 0; i + 1 < dims.length; i++) {
      x =
          linear(
              i == 0 ? x : relu(x),
              weights.get(prefix + 2 * i + ".weight"),
              new TensorOptional(weights.get(prefix + 2 * i + ".bias")));
    }
    return x;
  }

  /**
   * As {@link #initialise}, but some rows of the last layer alone.
   *
   * @param rows outputs, each 0 … last − 1
   */
  void initialiseLast(Parameters weights, Draw draw, Iterable<Integer> rows) {
    int i = dims.length - 2;
    double bound = 1 / Math.sqrt(dims[i]);
    for (int row : rows) {
      Draw of = draw.at(2L * i + 2).at(row);
      fill(weights.get(prefix + 2 * i + ".weight").select(0, row), of, bound);
      fill(weights.get(prefix + 2 * i + ".bias").narrow(0, row, 1), of.at(dims[i]), bound);
    }
  }

  private static void fill(Tensor tensor, Draw draw, double bound) {
    float[] values = new float[(int) tensor.numel()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).uniform(-bound, bound);
    }
    Tensors.fill(tensor, values);
  }
}
