package dev.millrace.learn.network;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.relu;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.RowSharers;
import dev.millrace.vision.encoder.RunningStatistics;
import dev.millrace.vision.encoder.SharedNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Linear layers with ReLU between them, and a batch normalisation before each ReLU where asked for.
 * Tensors are named as a PyTorch Sequential names them: {@code projector.0.weight}, {@code
 * projector.2.weight} without normalisations, {@code projector.0}, {@code projector.1}, {@code
 * projector.3} with them. Immutable and thread-safe; the storage is not.
 */
public final class Mlp implements Head {
  private static final double EPSILON = 1e-5;

  private final String name;
  private final List<Layer> layers;

  /**
   * A linear layer and what follows it.
   *
   * @param normalisation its name; null for none
   * @param last whether no ReLU follows; a normalisation there has neither scale nor shift
   */
  private record Layer(
      String name, int in, int out, int number, String normalisation, boolean last) {
    boolean scaled() {
      return normalisation != null && !last;
    }
  }

  /** Which of the layers a normalisation follows. */
  private enum Normalised {
    NONE,
    HIDDEN,
    ALL
  }

  private Mlp(String name, Normalised normalised, int... dims) {
    if (dims.length < 2) {
      throw new IllegalArgumentException(
          "%s has %d widths; expected those of its input, hidden layers and output"
              .formatted(name, dims.length));
    }
    this.name = name;
    this.layers = layers(name, normalised, dims);
  }

  /**
   * Without normalisations.
   *
   * @param dims widths from input to output; two for a linear layer, three for a hidden layer
   */
  public static Mlp of(String name, int... dims) {
    return new Mlp(name, Normalised.NONE, dims);
  }

  /** Like {@link #of}, with a batch normalisation after every linear layer but the last. */
  public static Mlp normalised(String name, int... dims) {
    return new Mlp(name, Normalised.HIDDEN, dims);
  }

  /** Like {@link #normalised}, with one after the last layer, too, without scale and shift. */
  public static Mlp normalisedThroughout(String name, int... dims) {
    return new Mlp(name, Normalised.ALL, dims);
  }

  @Override
  public String name() {
    return name;
  }

  /** Width of what comes out. */
  public int out() {
    return layers.get(layers.size() - 1).out();
  }

  private static List<Layer> layers(String name, Normalised normalised, int... dims) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i + 1 < dims.length; i++) {
      boolean last = i + 2 == dims.length;
      int place = i * (normalised == Normalised.NONE ? 2 : 3);
      boolean follows = last ? normalised == Normalised.ALL : normalised != Normalised.NONE;
      layers.add(
          new Layer(
              name + "." + place,
              dims[i],
              dims[i + 1],
              i,
              follows ? name + "." + (place + 1) : null,
              last));
    }
    return List.copyOf(layers);
  }

  @Override
  public void weights(Parameters.Layout.Builder into) {
    for (Layer layer : layers) {
      into.add(layer.name() + ".weight", layer.out(), layer.in());
      into.add(layer.name() + ".bias", layer.out());
      if (layer.scaled()) {
        into.add(layer.normalisation() + ".weight", layer.out());
        into.add(layer.normalisation() + ".bias", layer.out());
      }
    }
  }

  @Override
  public void statistics(Parameters.Layout.Builder into) {
    for (Layer layer : layers) {
      if (layer.normalisation() != null) {
        into.add(layer.normalisation() + ".running_mean", layer.out());
        into.add(layer.normalisation() + ".running_var", layer.out());
      }
    }
  }

  /**
   * PyTorch's default for linear layers: uniform in ±1/√fan-in, weight and bias; normalisations are
   * the identity.
   */
  @Override
  public void initialise(Parameters weights, Parameters statistics, Draw draw) {
    for (Layer layer : layers) {
      double bound = 1 / Math.sqrt(layer.in());
      fill(weights.get(layer.name() + ".weight"), draw.at(2L * layer.number()), bound);
      fill(weights.get(layer.name() + ".bias"), draw.at(2L * layer.number() + 1), bound);
      if (layer.scaled()) {
        constant(weights.get(layer.normalisation() + ".weight"), 1);
        constant(weights.get(layer.normalisation() + ".bias"), 0);
      }
      if (layer.normalisation() != null) {
        constant(statistics.get(layer.normalisation() + ".running_mean"), 0);
        constant(statistics.get(layer.normalisation() + ".running_var"), 1);
      }
    }
  }

  /**
   * Like {@link #initialise}, but only some rows of the last layer.
   *
   * @param rows outputs, each 0 … out − 1
   */
  public void initialiseLast(Parameters weights, Draw draw, Iterable<Integer> rows) {
    Layer last = layers.get(layers.size() - 1);
    double bound = 1 / Math.sqrt(last.in());
    for (int row : rows) {
      Draw of = draw.at(2L * last.number() + 2).at(row);
      fill(weights.get(last.name() + ".weight").select(0, row), of, bound);
      fill(weights.get(last.name() + ".bias").narrow(0, row, 1), of.at(last.in()), bound);
    }
  }

  @Override
  public Tensor forward(Parameters weights, Parameters statistics, Tensor x, Mode mode) {
    return forward(weights, x, (layer, y) -> normalise(weights, statistics, layer, y, mode));
  }

  @Override
  public Tensor forward(Parameters weights, Parameters statistics, Tensor x, RowSharers with) {
    return forward(weights, x, (layer, y) -> normalise(weights, statistics, layer, y, with));
  }

  private Tensor forward(
      Parameters weights, Tensor x, BiFunction<Layer, Tensor, Tensor> normalisation) {
    Tensor y = x;
    for (Layer layer : layers) {
      y =
          linear(
              y,
              weights.get(layer.name() + ".weight"),
              new TensorOptional(weights.get(layer.name() + ".bias")));
      if (layer.normalisation() != null) {
        y = normalisation.apply(layer, y);
      }
      y = layer.last() ? y : relu(y);
    }
    return y;
  }

  private static Tensor normalise(
      Parameters weights, Parameters statistics, Layer layer, Tensor x, RowSharers with) {
    String name = layer.normalisation();
    return SharedNorm.normalise(
        x,
        layer.scaled() ? weights.get(name + ".weight") : null,
        layer.scaled() ? weights.get(name + ".bias") : null,
        new SharedNorm.Running(
            statistics.get(name + ".running_mean"),
            statistics.get(name + ".running_var"),
            RunningStatistics.MOMENTUM),
        EPSILON,
        with);
  }

  private static Tensor normalise(
      Parameters weights, Parameters statistics, Layer layer, Tensor x, Mode mode) {
    boolean running = mode != Mode.DIFFERENTIABLE;
    String name = layer.normalisation();
    return batch_norm(
        x,
        layer.scaled() ? new TensorOptional(weights.get(name + ".weight")) : new TensorOptional(),
        layer.scaled() ? new TensorOptional(weights.get(name + ".bias")) : new TensorOptional(),
        running ? new TensorOptional(statistics.get(name + ".running_mean")) : new TensorOptional(),
        running ? new TensorOptional(statistics.get(name + ".running_var")) : new TensorOptional(),
        mode != Mode.EVALUATION,
        RunningStatistics.MOMENTUM,
        EPSILON,
        false);
  }

  private static void fill(Tensor tensor, Draw draw, double bound) {
    float[] values = new float[(int) tensor.numel()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).uniform(-bound, bound);
    }
    try (PointerScope scope = new PointerScope()) {
      tensor.detach().copy_(torch.from_blob(new FloatPointer(values), tensor.sizes().vec().get()));
    }
  }

  private static void constant(Tensor tensor, double value) {
    tensor.detach().fill_(new Scalar(value));
  }
}
