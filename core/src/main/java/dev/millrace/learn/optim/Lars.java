package dev.millrace.learn.optim;

import static org.bytedeco.pytorch.global.torch.ones;

import dev.millrace.engine.Parameters;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Layer-wise adaptive rate scaling: You, Gitman, Ginsburg, "Large Batch Training of Convolutional
 * Networks", arXiv 1708.03888. The step of each tensor is held to a share η of its norm: v ← μv +
 * min(1, η‖θ‖ / (lr (‖∇‖ + w‖θ‖))) (∇ + wθ), θ ← θ − lr·v; the share never lengthens a step, as
 * self-supervised recipes have it. Only some weights are scaled and decayed, as a rule {@link
 * Optimiser#LAYERS}. Not thread-safe.
 */
public final class Lars implements Optimiser {
  private static final double EPSILON = 1e-8;

  /**
   * What steers the descent.
   *
   * @param momentum μ in [0, 1)
   * @param weightDecay w, at least 0, on the weights that are scaled
   * @param trust η, above 0
   */
  public record Settings(double momentum, double weightDecay, double trust) {
    /** Refuses values outside their ranges. */
    public Settings {
      Velocity.require("LARS", momentum, weightDecay);
      if (!(trust > 0)) {
        throw new IllegalArgumentException("LARS's trust is " + trust + "; expected above 0");
      }
    }
  }

  private final Settings settings;
  private final Parameters weights;
  private final List<Parameters.Entry> scaled;
  private final Velocity velocity;

  /** Of the last step, {@code [entries that are scaled] float32}: what {@link #scale} gave each. */
  private final Tensor shares;

  /**
   * A descent on these weights, which stay the caller's; starts at rest.
   *
   * @param scales which of the weights' tensors are scaled and decay
   */
  public Lars(Settings settings, Parameters weights, Predicate<Parameters.Entry> scales) {
    this.settings = settings;
    this.weights = weights;
    scaled = weights.layout().entries().stream().filter(scales).toList();
    velocity = new Velocity(settings.momentum(), weights);
    try (PointerScope scope = new PointerScope()) {
      shares = ones(scaled.size()).to(weights.device().torch(), ScalarType.Float);
      shares.retainReference();
    }
  }

  @Override
  public String name() {
    return "lars";
  }

  @Override
  public void step(double lr) {
    try (PointerScope scope = new PointerScope()) {
      Tensor along = weights.gradient().clone();
      for (int e = 0; e < scaled.size(); e++) {
        Parameters.Entry entry = scaled.get(e);
        Tensor theta = weights.flat().narrow(0, entry.offset(), entry.size());
        Tensor gradient = along.narrow(0, entry.offset(), entry.size());
        Tensor scale = scale(theta.norm(), gradient.norm(), lr);
        gradient.add_(theta, new Scalar(settings.weightDecay())).mul_(scale);
        shares.select(0, e).copy_(scale);
      }
      Tensor unused = velocity.take(along);
      velocity.move(lr);
    }
  }

  /** 1 where either norm is 0: there is nothing to hold the step to. */
  private Tensor scale(Tensor theta, Tensor gradient, double lr) {
    Tensor length =
        gradient.add(theta, new Scalar(settings.weightDecay())).add(new Scalar(EPSILON));
    Tensor share = theta.mul(new Scalar(settings.trust() / Math.max(lr, 1e-30))).div(length);
    Tensor none = theta.eq(new Scalar(0.0)).logical_or(gradient.eq(new Scalar(0.0)));
    return share.clamp_max(new Scalar(1.0)).masked_fill(none, new Scalar(1.0));
  }

  /** lr/(1 − μ), times the mean over the weights of what the last step's share left of it. */
  @Override
  public double unitStep(double lr, long first) {
    double lost = 0;
    try (PointerScope scope = new PointerScope()) {
      Tensor host = shares.cpu();
      for (int e = 0; e < scaled.size(); e++) {
        Parameters.Entry entry = scaled.get(e);
        if (entry.offset() < first) {
          lost += entry.size() * (1 - host.select(0, e).item_double());
        }
      }
    }
    return velocity.unitStep(lr) * (1 - lost / first);
  }

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
  public void close() {
    shares.releaseReference();
    velocity.close();
  }
}
