package dev.millrace.learn.optim;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The running sum v of steps that descents with momentum share: v ← μv + step, θ ← θ − lr·v. Not
 * thread-safe; close it to free v.
 */
final class Velocity implements AutoCloseable {
  private final double momentum;
  private final Parameters weights;
  private final Tensor velocity;

  /**
   * At rest.
   *
   * @param momentum μ in [0, 1)
   * @param weights stay the caller's
   */
  Velocity(double momentum, Parameters weights) {
    this.momentum = momentum;
    this.weights = weights;
    try (PointerScope scope = new PointerScope()) {
      velocity = zeros_like(weights.flat());
      velocity.retainReference();
    }
  }

  /** Refuses what no descent with momentum takes. */
  static void require(String whose, double momentum, double weightDecay) {
    Require.that(
        momentum >= 0 && momentum < 1,
        whose + "'s momentum is " + momentum + "; expected 0 to below 1");
    if (!(weightDecay >= 0)) {
      throw UsageException.of("--weight-decay", weightDecay + " is below 0");
    }
  }

  /** v ← μv + step; the caller may add to what is returned, which is v itself. */
  Tensor take(Tensor step) {
    return velocity.mul_(new Scalar(momentum)).add_(step);
  }

  /** θ ← θ − lr·v. */
  void move(double lr) {
    weights.flat().add_(velocity, new Scalar(-lr));
  }

  /** lr/(1 − μ): where the velocity of a constant gradient settles. */
  double unitStep(double lr) {
    return lr / (1 - momentum);
  }

  void rest() {
    velocity.zero_();
  }

  /** The {@code velocity} v, {@code [P] float32}. */
  Map<String, Tensor> state() {
    return Map.of("velocity", velocity);
  }

  @Override
  public void close() {
    velocity.releaseReference();
  }
}
