package dev.millrace.learn.optim;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.UsageException;
import java.util.Map;
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
   * @param weightDecay w, at least 0, on every weight
   */
  public record Settings(double momentum, double weightDecay) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException(
            "SGD's momentum is " + momentum + "; expected 0 to below 1");
      }
      if (!(weightDecay >= 0)) {
        throw UsageException.of("--weight-decay", weightDecay + " is below 0");
      }
    }
  }

  private final Settings settings;
  private final Parameters weights;
  private final Tensor velocity;

  /** A descent on these weights, which stay the caller's; starts at rest. */
  public Sgd(Settings settings, Parameters weights) {
    this.settings = settings;
    this.weights = weights;
    try (PointerScope scope = new PointerScope()) {
      velocity = zeros_like(weights.flat());
      velocity.retainReference();
    }
  }

  @Override
  public String name() {
    return "sgd";
  }

  /** η/(1 − μ): where the velocity of a constant gradient settles. */
  @Override
  public double unitStep(double lr) {
    return lr / (1 - settings.momentum());
  }

  /** Forgets the velocity. */
  @Override
  public void rest() {
    velocity.zero_();
  }

  /** The {@code velocity} v, {@code [P] float32}. */
  @Override
  public Map<String, Tensor> state() {
    return Map.of("velocity", velocity);
  }

  @Override
  public void step(double lr) {
    try (PointerScope scope = new PointerScope()) {
      velocity.mul_(new Scalar(settings.momentum())).add_(weights.gradient());
      if (settings.weightDecay() > 0) {
        velocity.add_(weights.flat(), new Scalar(settings.weightDecay()));
      }
      weights.flat().add_(velocity, new Scalar(-lr));
    }
  }

  @Override
  public void close() {
    velocity.releaseReference();
  }
}
