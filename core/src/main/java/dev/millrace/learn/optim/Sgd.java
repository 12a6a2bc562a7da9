package dev.millrace.learn.optim;

import dev.millrace.engine.Parameters;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic gradient descent with momentum and weight decay, PyTorch's convention: v ← μv + (∇ +
 * wθ), θ ← θ − ηv. One fused pass over flat storage, since a network of small tensors otherwise
 * spends its time in calls. Not thread-safe.
 */
public final class Sgd implements Optimiser {
  /**
   * What steers the descent.
   *
   * @param momentum μ in [0, 1)
   * @param weightDecay w, at least 0, on every weight, or on those that decay
   */
  public record Settings(double momentum, double weightDecay) {
    /** Refuses values outside their ranges. */
    public Settings {
      Velocity.require("SGD", momentum, weightDecay);
    }
  }

  private final Settings settings;
  private final Parameters weights;
  private final Velocity velocity;

  /** What decays; null where every weight does, in one pass. */
  private final List<Range> decayed;

  /** A descent on these weights, which stay the caller's; starts at rest. Every weight decays. */
  public Sgd(Settings settings, Parameters weights) {
    this(settings, weights, every -> true);
  }

  /**
   * A descent on these weights, which stay the caller's; starts at rest.
   *
   * @param decays which of the weights' tensors decay
   */
  public Sgd(Settings settings, Parameters weights, Predicate<Parameters.Entry> decays) {
    this.settings = settings;
    this.weights = weights;
    velocity = new Velocity(settings.momentum(), weights);
    decayed =
        weights.layout().entries().stream().allMatch(decays) ? null : Range.of(weights, decays);
  }

  @Override
  public String name() {
    return "sgd";
  }

  /** η/(1 − μ), of every weight: where the velocity of a constant gradient settles. */
  @Override
  public double unitStep(double lr, long first) {
    return velocity.unitStep(lr);
  }

  /** Forgets the velocity. */
  @Override
  public void rest() {
    velocity.rest();
  }

  /** The {@code velocity} v, {@code [P] float32}. */
  @Override
  public Map<String, Tensor> state() {
    return velocity.state();
  }

  @Override
  public void step(double lr) {
    try (PointerScope scope = new PointerScope()) {
      Tensor v = velocity.take(weights.gradient());
      Scalar decay = new Scalar(settings.weightDecay());
      if (settings.weightDecay() > 0 && decayed == null) {
        v.add_(weights.flat(), decay);
      } else if (settings.weightDecay() > 0) {
        decayed.forEach(range -> range.in(v).add_(range.in(weights.flat()), decay));
      }
      velocity.move(lr);
    }
  }

  @Override
  public void close() {
    velocity.close();
  }
}
