package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.engine.Parameters;
import dev.millrace.learn.network.Network;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Synaptic intelligence: Zenke, Poole, Ganguli, "Continual Learning Through Synaptic Intelligence",
 * ICML 2017. A {@link QuadraticPenalty} whose Ωᵢ is how much weight i took part in lowering the
 * loss while the chunk was learned: ωᵢ = −Σ gᵢΔθᵢ along the steps (eq. 3), over the squared way
 * that it went, (θᵢ − θᵢ at the chunk's start)² + ξ (eq. 5); what raised the loss counts as 0. It
 * looks at no picture again. g is the gradient of the whole loss, penalties that share its graph
 * included; Δθ is the optimiser's update with the pulls of the remedies up to this one.
 */
public final class Si implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param strength λ, at least 0; 1 is a useful strength, 0 none
   * @param decay share of the old Ω when a new chunk's is added, in [0, 1]
   * @param damping ξ, above 0; the paper's is 0.001 for CIFAR, 0.1 for MNIST
   */
  public record Settings(
      @Knob(
              value =
                  "strength lambda of synaptic intelligence (SI); 1 weighs squared distances by 0.01 times an importance of mean 1, under every --optimiser",
              name = "*",
              neutral = "0.0")
          double strength,
      @Knob(
              value = "share of the old importance when a new chunk's is added (SI)",
              name = "*-decay",
              neutral = "0.5")
          double decay,
      @Knob(
              value =
                  "xi, added to the squared way of each weight that its importance is over (SI)",
              name = "*-damping",
              neutral = "0.001")
          double damping)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      QuadraticPenalty.require(strength, decay, 1);
      Require.positive(damping, "damping");
    }

    @Override
    public boolean on() {
      return strength > 0;
    }

    /** With another strength. */
    public Settings strength(double strength) {
      return new Settings(strength, decay, damping);
    }

    /** With another share of the old Ω. */
    public Settings decay(double decay) {
      return new Settings(strength, decay, damping);
    }

    /** With another ξ. */
    public Settings damping(double damping) {
      return new Settings(strength, decay, damping);
    }

    /** The given strength, Ω averaged half and half, the paper's ξ for CIFAR. */
    public static Settings of(double strength) {
      return new Settings(strength, 0.5, 1e-3);
    }
  }

  private final Settings settings;
  private final Network network;
  private final QuadraticPenalty penalty;

  /** {@code [P] float32}: ω since the chunk began. */
  private final Tensor path;

  /** {@code [P] float32}: the weights as the chunk began. */
  private final Tensor start;

  /** {@code [P] float32} each, of the step that is being made: nothing that outlasts it. */
  private final Tensor gradient;

  private final Tensor before;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param network that is trained; stays the caller's
   */
  public Si(Settings settings, Network network) {
    this.settings = settings;
    this.network = network;
    Tensor encoder = network.encoderWeights();
    penalty = new QuadraticPenalty(settings.strength(), settings.decay(), encoder);
    try (PointerScope scope = new PointerScope()) {
      path = zeros_like(encoder).retainReference();
      start = zeros_like(encoder).retainReference();
      gradient = zeros_like(encoder).retainReference();
      before = zeros_like(encoder).retainReference();
    }
  }

  @Override
  public String name() {
    return "si";
  }

  @Override
  public void beginChunk(int chunk) {
    try (PointerScope scope = new PointerScope()) {
      start.copy_(network.encoderWeights());
      path.zero_();
    }
  }

  @Override
  public void beforeUpdate(Parameters weights) {
    gradient.copy_(network.encoderGradient());
    before.copy_(network.encoderWeights());
  }

  @Override
  public void afterUpdate(Tensor encoder, double unitStep) {
    penalty.pull(encoder, unitStep);
    path.addcmul_(gradient, before.sub_(encoder)); // −g·(θ after − θ before)
  }

  @Override
  public void endChunk(EndOfChunk end) {
    if (!end.learned()) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor encoder = end.network().encoderWeights();
      Tensor way = encoder.sub(start).square_().add_(new Scalar(settings.damping()));
      penalty.consolidate(path.clamp_min(new Scalar(0.0)).div(way), encoder);
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(penalty.state());
    state.put("path", path);
    state.put("start", start);
    return state;
  }

  @Override
  public void close() {
    penalty.close();
    path.releaseReference();
    start.releaseReference();
    gradient.releaseReference();
    before.releaseReference();
  }
}
