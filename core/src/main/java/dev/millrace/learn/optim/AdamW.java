package dev.millrace.learn.optim;

import static org.bytedeco.pytorch.global.torch.zeros;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adam with decoupled weight decay: Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * ICLR 2019, algorithm 2, with the decay times the learning rate, as torch's: θ ← (1 − lr·w)θ, then
 * m ← β₁m + (1 − β₁)∇, v ← β₂v + (1 − β₂)∇², θ ← θ − lr·m̂ / (√v̂ + ε). Not thread-safe.
 */
public final class AdamW implements Optimiser {
  /**
   * What steers the descent.
   *
   * @param first β₁ in [0, 1)
   * @param second β₂ in [0, 1)
   * @param epsilon ε, above 0
   * @param weightDecay w, at least 0
   */
  public record Settings(double first, double second, double epsilon, double weightDecay) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (!(first >= 0 && first < 1) || !(second >= 0 && second < 1)) {
        throw new IllegalArgumentException(
            "AdamW's averages keep %s and %s; expected 0 to below 1".formatted(first, second));
      }
      if (!(epsilon > 0)) {
        throw new IllegalArgumentException("AdamW's epsilon is " + epsilon + "; expected above 0");
      }
      if (!(weightDecay >= 0)) {
        throw UsageException.of("--weight-decay", weightDecay + " is below 0");
      }
    }

    /** β 0.9 and 0.999, ε 1e-8, as torch has them. */
    public static Settings standard(double weightDecay) {
      return new Settings(0.9, 0.999, 1e-8, weightDecay);
    }

    /**
     * With other averages.
     *
     * @param first β₁ in [0, 1)
     * @param second β₂ in [0, 1)
     */
    public Settings betas(double first, double second) {
      return new Settings(first, second, epsilon, weightDecay);
    }
  }

  private final Settings settings;
  private final Parameters weights;
  private final List<Range> decayed;
  private final Tensor mean;
  private final Tensor square;
  private final Tensor steps;

  /**
   * A descent on these weights, which stay the caller's; starts at rest.
   *
   * @param decays which of the weights' tensors decay
   */
  public AdamW(Settings settings, Parameters weights, Predicate<Parameters.Entry> decays) {
    this.settings = settings;
    this.weights = weights;
    decayed = Range.of(weights, decays);
    try (PointerScope scope = new PointerScope()) {
      mean = zeros_like(weights.flat());
      square = zeros_like(weights.flat());
      steps = zeros(1).to(ScalarType.Long);
      for (Tensor kept : List.of(mean, square, steps)) {
        kept.retainReference();
      }
    }
  }

  @Override
  public String name() {
    return "adamw";
  }

  @Override
  public void step(double lr) {
    try (PointerScope scope = new PointerScope()) {
      Tensor gradient = weights.gradient();
      for (Range range : decayed) {
        range.in(weights.flat()).mul_(new Scalar(1 - lr * settings.weightDecay()));
      }
      steps.add_(new Scalar(1));
      long t = steps.item_long();
      mean.lerp_(gradient, new Scalar(1 - settings.first()));
      square
          .mul_(new Scalar(settings.second()))
          .addcmul_(gradient, gradient, new Scalar(1 - settings.second()));
      double rate = lr / (1 - Math.pow(settings.first(), t));
      double root = Math.sqrt(1 - Math.pow(settings.second(), t));
      Tensor size = square.sqrt().div_(new Scalar(root)).add_(new Scalar(settings.epsilon()));
      weights.flat().addcdiv_(mean, size, new Scalar(-rate));
    }
  }

  /**
   * lr over the mean of √v̂, and ε: a gradient of the usual size moves a weight by the rate. The
   * rate itself before the first step.
   */
  @Override
  public double unitStep(double lr, long first) {
    long t = steps.item_long();
    if (t == 0) {
      return lr;
    }
    try (PointerScope scope = new PointerScope()) {
      double usual = square.narrow(0, 0, first).sqrt().mean().item_double();
      double root = Math.sqrt(1 - Math.pow(settings.second(), t));
      return lr / (usual / root + settings.epsilon());
    }
  }

  @Override
  public void rest() {
    mean.zero_();
    square.zero_();
    steps.zero_();
  }

  /**
   * The {@code mean} m and {@code square} v, {@code [P] float32}, and {@code steps}, {@code [1]}.
   */
  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("mean", mean);
    state.put("square", square);
    state.put("steps", steps);
    return state;
  }

  @Override
  public void close() {
    state().values().forEach(Tensor::releaseReference);
  }
}
