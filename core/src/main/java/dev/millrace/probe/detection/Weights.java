package dev.millrace.probe.detection;

import static org.bytedeco.pytorch.global.torch.conv2d;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A detector's new layers, a weight and a bias each, by name in shared storage. */
final class Weights {
  private final Parameters parameters;

  Weights(Parameters parameters) {
    this.parameters = parameters;
  }

  static void convolution(
      Parameters.Layout.Builder into, String name, long in, long out, long kernel) {
    into.add(name + ".weight", out, in, kernel, kernel);
    into.add(name + ".bias", out);
  }

  static void linear(Parameters.Layout.Builder into, String name, long in, long out) {
    into.add(name + ".weight", out, in);
    into.add(name + ".bias", out);
  }

  /** A convolution that keeps the grid's size. */
  Tensor convolve(String name, Tensor x) {
    Tensor weight = parameters.get(name + ".weight");
    long padding = weight.size(2) / 2;
    return conv2d(
        x,
        weight,
        new TensorOptional(parameters.get(name + ".bias")),
        new long[] {1, 1},
        new long[] {padding, padding},
        new long[] {1, 1},
        1);
  }

  Tensor linear(String name, Tensor x) {
    return torch.linear(
        x, parameters.get(name + ".weight"), new TensorOptional(parameters.get(name + ".bias")));
  }

  /** A weight uniform in ±bound, its bias zero. */
  void uniform(String name, double bound, Draw draw) {
    fill(name + ".weight", draw, place -> place.uniform(-bound, bound));
    zero(name + ".bias");
  }

  /** A weight with a normal distribution around zero, its bias zero. */
  void gaussian(String name, double deviation, Draw draw) {
    fill(name + ".weight", draw, place -> deviation * place.gaussian());
    zero(name + ".bias");
  }

  /** Numbers that each output of a layer sums over. */
  long fanIn(String name) {
    Tensor weight = parameters.get(name + ".weight");
    return weight.numel() / weight.size(0);
  }

  private interface Value {
    double at(Draw place);
  }

  private void fill(String name, Draw draw, Value value) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Parameters.Entry entry =
          parameters.layout().entries().stream()
              .filter(e -> e.name().equals(name))
              .findFirst()
              .orElseThrow();
      float[] values = new float[Math.toIntExact(entry.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) value.at(draw.at(i));
      }
      List<Long> shape = entry.shape();
      parameters
          .get(name)
          .detach()
          .copy_(
              Tensors.of(
                  values,
                  parameters.device(),
                  shape.stream().mapToLong(Long::longValue).toArray()));
    }
  }

  private void zero(String name) {
    try (NoGradGuard guard = new NoGradGuard()) {
      parameters.get(name).detach().zero_();
    }
  }
}
