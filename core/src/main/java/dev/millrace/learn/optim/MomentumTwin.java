package dev.millrace.learn.optim;

import dev.millrace.engine.Parameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;

/**
 * A copy of the weights that follows them slowly: θₖ ← mθₖ + (1 − m)θ (He et al., "Momentum
 * Contrast", CVPR 2020, eq. 2). One call over flat storage. Not thread-safe.
 */
public final class MomentumTwin implements AutoCloseable {
  private final Parameters weights;
  private final Parameters twin;
  private final double momentum;

  /**
   * A twin that starts equal to the weights, which stay the caller's.
   *
   * @param momentum m in [0, 1]
   */
  public MomentumTwin(Parameters weights, double momentum) {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("--momentum " + momentum + " is not in 0 … 1");
    }
    this.weights = weights;
    this.twin = weights.twin();
    this.momentum = momentum;
  }

  /** The twin's weights; owned by this class, without gradient. */
  public Parameters weights() {
    return twin;
  }

  /** Moves the twin one step towards the weights. */
  public void follow() {
    try (PointerScope scope = new PointerScope()) {
      twin.flat().lerp_(weights.flat(), new Scalar(1 - momentum));
    }
  }

  @Override
  public void close() {
    twin.close();
  }
}
