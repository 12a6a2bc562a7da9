package dev.millrace.learn.network;

import static org.bytedeco.pytorch.global.torch.from_blob;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.UnitRows;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Directions that rows are scored against: the cosine of each row and each prototype, in single
 * precision outside of any autocast. Only their directions count, so weight decay changes none.
 * Immutable and thread-safe; the storage is not.
 */
public final class Prototypes implements Head {
  /** What those of methods are called. */
  public static final String NAME = "prototypes";

  private final String name;
  private final int in;
  private final int count;
  private final boolean fixed;

  private Prototypes(String name, int in, int count, boolean fixed) {
    this.name = name;
    this.in = in;
    this.count = count;
    this.fixed = fixed;
  }

  /**
   * Prototypes that are learned.
   *
   * @param in width of the rows
   * @param count how many there are
   */
  public static Prototypes of(String name, int in, int count) {
    return new Prototypes(name, in, count, false);
  }

  /** The same, which no gradient reaches. */
  public Prototypes fixed() {
    return new Prototypes(name, in, count, true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void weights(Parameters.Layout.Builder into) {
    into.add(name + ".weight", count, in);
  }

  @Override
  public void statistics(Parameters.Layout.Builder into) {}

  /** PyTorch's default for linear layers: uniform in ±1/√in. */
  @Override
  public void initialise(Parameters weights, Parameters statistics, Draw draw) {
    double bound = 1 / Math.sqrt(in);
    float[] values = new float[Math.multiplyExact(count, in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.at(i).uniform(-bound, bound);
    }
    try (PointerScope scope = new PointerScope()) {
      weights
          .get(name + ".weight")
          .detach()
          .copy_(from_blob(new FloatPointer(values), new long[] {count, in}));
    }
  }

  @Override
  public Tensor forward(Parameters weights, Parameters statistics, Tensor x, Mode mode) {
    Tensor own = weights.get(name + ".weight");
    return unit(x).matmul(unit(fixed ? own.detach() : own).t());
  }

  /** The scores of a network's rows, {@code [N, count] float32}; the caller's scope owns them. */
  public Tensor scores(Network network, Tensor x) {
    return forward(network.weights(), network.statistics(), x, Mode.DIFFERENTIABLE);
  }

  private static Tensor unit(Tensor x) {
    return UnitRows.of(x.to(ScalarType.Float));
  }
}
