package dev.millrace.learn.retention;

import static org.bytedeco.pytorch.global.torch.zeros;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Memory Aware Synapses: Aljundi et al., "Memory Aware Synapses: Learning what (not) to forget",
 * ECCV 2018. Adds the penalty λ Σᵢ Ωᵢ(θᵢ − θᵢ*)², where Ωᵢ is how much ‖f(x)‖² of the encoder's
 * features, before any normalisation, moves with weight i; it needs no labels.
 *
 * <p>Two departures keep it stable. Ω of a chunk is divided by its mean, since the scale of ‖f‖²
 * changes tenfold between chunks and a raw Ω diverges; the strength 1 stands for λ̂ = 0.01 in that
 * scale. And the penalty is applied as a proximal step after the optimiser's, θ ← (θ + κθ*)/(1 + κ)
 * with κ = 2·lr/(1 − momentum)·λ̂·Ω, which cannot overshoot at any strength.
 */
public final class Mas implements Retention {
  /**
   * The remedy's knobs.
   *
   * @param strength {@code --mas}, at least 0; 1 is a useful strength
   * @param decay share of the old Ω when a new chunk's is added, in [0, 1]
   * @param images pictures of a chunk that Ω is estimated on, at least 1
   */
  public record Settings(double strength, double decay, int images) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("--mas " + strength + " is not a number of at least 0");
      }
      if (!(decay >= 0 && decay <= 1)) {
        throw new IllegalArgumentException("MAS's decay is " + decay + "; expected 0 to 1");
      }
      if (images < 1) {
        throw new IllegalArgumentException("MAS needs at least 1 picture a chunk; found " + images);
      }
    }

    /** The given strength, Ω averaged half and half, estimated on up to 2048 pictures. */
    public static Settings of(double strength) {
      return new Settings(strength, 0.5, 2048);
    }
  }

  private static final double UNIT = 0.01;

  private final Settings settings;
  private final Tensor importance;
  private final Tensor anchor;
  private final Tensor chunks;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param encoder the encoder's weights, {@code [P] float32}; only their shape and device are read
   */
  public Mas(Settings settings, Tensor encoder) {
    this.settings = settings;
    try (PointerScope scope = new PointerScope()) {
      importance = zeros_like(encoder);
      anchor = zeros_like(encoder);
      chunks = zeros(1);
      importance.retainReference();
      anchor.retainReference();
      chunks.retainReference();
    }
  }

  @Override
  public void afterUpdate(Tensor encoder, double rate) {
    if (chunks.item_float() == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor kappa = importance.mul(new Scalar(2 * rate * UNIT * settings.strength()));
      Tensor pull = kappa.div(kappa.add(new Scalar(1.0))); // θ + κ/(1+κ)·(θ* − θ)
      encoder.add_(anchor.sub(encoder).mul(pull));
    }
  }

  @Override
  public void consolidate(
      UnaryOperator<Tensor> features, Tensor encoder, Tensor gradient, Iterable<Tensor> batches) {
    try (PointerScope scope = new PointerScope()) {
      Tensor total = zeros_like(importance);
      for (Tensor batch : batches) {
        try (PointerScope step = new PointerScope()) {
          gradient.zero_();
          Tensor f = features.apply(batch); // [N, D]
          f.square()
              .sum(new long[] {1}, false, new org.bytedeco.pytorch.ScalarTypeOptional())
              .mean()
              .backward();
          total.add_(gradient.abs());
        }
      }
      gradient.zero_();
      Tensor scaled = total.div(total.mean().clamp_min(new Scalar(1e-30)));
      if (chunks.item_float() == 0) {
        importance.copy_(scaled);
      } else {
        importance
            .mul_(new Scalar(settings.decay()))
            .add_(scaled, new Scalar(1 - settings.decay()));
      }
      anchor.copy_(encoder);
      chunks.add_(new Scalar(1.0));
    }
  }

  @Override
  public int images() {
    return settings.images();
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("mas.importance", importance);
    state.put("mas.anchor", anchor);
    state.put("mas.chunks", chunks);
    return state;
  }

  @Override
  public void close() {
    importance.releaseReference();
    anchor.releaseReference();
    chunks.releaseReference();
  }
}
