package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.zeros;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.Require;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The penalty λ Σᵢ Ωᵢ(θᵢ − θᵢ*)² that remedies by importance share: Ω says how much each weight
 * matters to what was learned, θ* is where the last chunk left it.
 *
 * <p>Two things keep it stable. A chunk's Ω is divided by its mean, since raw importance changes
 * tenfold between chunks; a strength of 1 stands for λ = 0.01 in that scale. And the penalty is
 * applied as a proximal step after the optimiser's, θ ← (θ + κθ*)/(1 + κ) with κ = 2·η·λ·Ω, η being
 * the optimiser's unit step, which cannot overshoot at any strength. η is how far the gradient of
 * the loss moves the encoder, too, so that penalty and loss agree on the same weights under every
 * optimiser. Not thread-safe; close it to free its tensors.
 */
final class QuadraticPenalty implements AutoCloseable {
  private static final double UNIT = 0.01;

  private final double strength;
  private final double decay;
  private final Tensor importance;
  private final Tensor anchor;
  private final Tensor chunks;

  /**
   * A penalty that has seen nothing yet.
   *
   * @param strength at least 0
   * @param decay share of the old Ω when a new chunk's is added, in [0, 1]
   * @param encoder the encoder's weights, {@code [P] float32}; only shape and device are read
   */
  QuadraticPenalty(double strength, double decay, Tensor encoder) {
    this.strength = strength;
    this.decay = decay;
    try (PointerScope scope = new PointerScope()) {
      importance = zeros_like(encoder);
      anchor = zeros_like(encoder);
      chunks = zeros(1);
      importance.retainReference();
      anchor.retainReference();
      chunks.retainReference();
    }
  }

  /** Refuses what no remedy by importance can take. */
  static void require(double strength, double decay, int images) {
    Require.component(
        strength >= 0 && strength < Double.POSITIVE_INFINITY,
        "strength",
        strength + " is not a number of at least 0");
    Require.component(decay >= 0 && decay <= 1, "decay", decay + " is not in 0 … 1");
    Require.component(images >= 1, "images", images + " is below 1 picture per chunk");
  }

  /** Pulls the weights towards where past chunks left them; nothing before the first has ended. */
  void pull(Tensor encoder, double unitStep) {
    if (chunks.item_float() == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor kappa = importance.mul(new Scalar(2 * unitStep * UNIT * strength));
      Tensor pull = kappa.div(kappa.add(new Scalar(1.0))); // θ + κ/(1+κ)·(θ* − θ)
      encoder.add_(anchor.sub(encoder).mul(pull));
    }
  }

  /**
   * Takes in what a chunk has learned.
   *
   * @param raw its importance, {@code [P] float32}, at least 0, in any scale
   * @param encoder its weights, {@code [P] float32}
   */
  void consolidate(Tensor raw, Tensor encoder) {
    try (PointerScope scope = new PointerScope()) {
      Tensor scaled = raw.div(raw.mean().clamp_min(new Scalar(1e-30)));
      if (chunks.item_float() == 0) {
        importance.copy_(scaled);
      } else {
        importance.mul_(new Scalar(decay)).add_(scaled, new Scalar(1 - decay));
      }
      anchor.copy_(encoder);
      chunks.add_(new Scalar(1.0));
    }
  }

  /**
   * Takes in what a chunk has learned, by a review of its pictures; nothing of one that was not
   * learned.
   *
   * @param images of the chunk at most
   * @param views of each picture
   * @param of what the gradient of is taken, a scalar with its graph
   * @param add adds a batch's gradient, {@code [P] float32}, to the importance so far
   */
  void consolidate(
      EndOfChunk end,
      int images,
      int views,
      Function<Views, Tensor> of,
      BiConsumer<Tensor, Tensor> add)
      throws IOException {
    if (!end.learned()) {
      return;
    }
    Network net = end.network();
    try (PointerScope scope = new PointerScope()) {
      Tensor gradient = net.encoderGradient();
      Tensor total = zeros_like(gradient);
      end.review(
          images,
          views,
          batch -> {
            net.weights().zeroGradient();
            of.apply(batch).backward();
            add.accept(total, gradient);
          });
      net.weights().zeroGradient();
      consolidate(total, net.encoderWeights());
    }
  }

  /** {@code importance}, {@code anchor} and the number of {@code chunks} taken in. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("importance", importance);
    state.put("anchor", anchor);
    state.put("chunks", chunks);
    return state;
  }

  @Override
  public void close() {
    importance.releaseReference();
    anchor.releaseReference();
    chunks.releaseReference();
  }
}
