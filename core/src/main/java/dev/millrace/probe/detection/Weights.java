package dev.millrace.probe.detection;

import static org.bytedeco.pytorch.global.torch.conv2d;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

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

  /** Scale and shift of a normalisation of groups of channels. */
  static void normalisation(Parameters.Layout.Builder into, String name, long channels) {
    into.add(name + ".weight", channels);
    into.add(name + ".bias", channels);
  }

  /**
   * Groups of some 16 channels, normalised for each picture by itself, so that batches of few
   * pictures do (Wu and He, "Group Normalization", ECCV 2018, table 3); in single precision.
   *
   * @param x {@code [N, C, …]}
   */
  Tensor normalise(String name, Tensor x) {
    return torch.group_norm(
        x.to(ScalarType.Float),
        groups(x.size(1)),
        new TensorOptional(parameters.get(name + ".weight")),
        new TensorOptional(parameters.get(name + ".bias")),
        1e-5,
        false);
  }

  /** The most groups of 16 channels or more that divide them evenly. */
  static long groups(long channels) {
    long groups = Math.max(1, channels / 16);
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }

  /** A normalisation's scale 1 and shift 0. */
  void identity(String name) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      parameters.get(name + ".weight").detach().fill_(new Scalar(1));
    }
    zero(name + ".bias");
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
