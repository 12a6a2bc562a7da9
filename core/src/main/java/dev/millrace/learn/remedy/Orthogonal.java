package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.zeros;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Orthogonal gradients: "Learning from Streaming Video with Orthogonal Gradients", arXiv
 * 2504.01961. Batches of a stream are alike, and so are their gradients; what a gradient shares
 * with the running mean of those before is taken out of it before the optimiser's step, so that
 * each step follows what is new in it. The gradient of encoder and heads is one vector here; the
 * mean is of the gradients as they came, and the first step stays as it is. No pass and no picture
 * more: one vector as long as the weights, which goes on over chunks.
 */
public final class Orthogonal implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param share of the component along the mean that is taken out, in [0, 1]; 0 for none, the
   *     paper takes it out as a whole
   * @param mean share of the old mean when a gradient is added, in [0, 1)
   */
  public record Settings(
      @Knob(
              value =
                  "share of each gradient's component along the running mean gradient that is taken out, 0 to 1",
              name = "*",
              neutral = "0.0")
          double share,
      @Knob(
              value = "share of the old running mean gradient when a step's is added",
              name = "*-mean",
              neutral = "0.9")
          double mean)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(share >= 0 && share <= 1, "share", share + " is not a share in 0 … 1");
      Require.component(mean >= 0 && mean < 1, "mean", mean + " is not in [0, 1)");
    }

    @Override
    public boolean on() {
      return share > 0;
    }

    /** With another share. */
    public Settings share(double share) {
      return new Settings(share, mean);
    }

    /** With another share of the old mean. */
    public Settings mean(double mean) {
      return new Settings(share, mean);
    }

    /** The given share, of a mean that reaches back some ten steps. */
    public static Settings of(double share) {
      return new Settings(share, 0.9);
    }
  }

  private final Settings settings;

  /** {@code [P] float32}: the running mean of the gradients of encoder and heads. */
  private final Tensor mean;

  /** {@code [1] float32}: how many steps it has seen. */
  private final Tensor steps;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param weights whose gradient is bent; only their number and device are read
   */
  public Orthogonal(Settings settings, Parameters weights) {
    this.settings = settings;
    try (PointerScope scope = new PointerScope()) {
      mean = zeros_like(weights.flat()).retainReference();
      steps = zeros(1).retainReference();
    }
  }

  @Override
  public String name() {
    return "orthogonal";
  }

  @Override
  public void beforeUpdate(Parameters weights) {
    try (PointerScope scope = new PointerScope()) {
      Tensor gradient = weights.gradient();
      if (steps.item_float() == 0) {
        mean.copy_(gradient);
      } else {
        // The gradient's share of the mean, before the mean takes it in.
        Tensor along = gradient.dot(mean).div(mean.dot(mean).clamp_min(new Scalar(1e-30)));
        Tensor taken = mean.mul(along).mul_(new Scalar(settings.share()));
        mean.lerp_(gradient, new Scalar(1 - settings.mean()));
        gradient.sub_(taken);
      }
      steps.add_(new Scalar(1.0));
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("mean", mean);
    state.put("steps", steps);
    return state;
  }

  @Override
  public void close() {
    mean.releaseReference();
    steps.releaseReference();
  }
}
