package dev.millrace.learn.method;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A momentum twin whose momentum rises to 1 by half a cosine over what {@link Moment#share} counts
 * (Grill et al., "Bootstrap Your Own Latent", NeurIPS 2020, section 3.3); at a constant rate, which
 * counts nothing, it stays. Not thread-safe; close it to free the twin.
 */
final class RisingTwin implements AutoCloseable {
  /** What its momentum is as a knob. */
  static final String MOMENTUM =
      "momentum of the twin; it rises from here to 1 where the rate falls (restart, cosine, a branch), and stays at a constant rate";

  private final Network network;
  private final double momentum;
  private final Network twin;

  /**
   * A copy of a network that stays the caller's.
   *
   * @param momentum where its rise begins, if it rises, in [0, 1]
   */
  RisingTwin(Network network, double momentum) {
    this.network = network;
    this.momentum = momentum;
    twin = network.twin();
  }

  Network network() {
    return twin;
  }

  void takeOver() {
    twin.copyFrom(network);
  }

  /** Its embeddings of every view, {@code [N, d] float32}, without a graph. */
  List<Tensor> embeddings(Views views, Mode mode) {
    try (NoGradGuard stop = new NoGradGuard()) {
      return views.views().stream()
          .map(view -> twin.embed(twin.features(view, mode), mode).to(ScalarType.Float))
          .toList();
    }
  }

  /** One step towards the network. */
  void follow(Moment at) {
    double rising = 1 - (1 - momentum) * (StrictMath.cos(Math.PI * at.share()) + 1) / 2;
    twin.follow(network, rising);
  }

  /** Everything that is needed to go on exactly, by name; live tensors. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    twin.state().forEach((name, tensor) -> state.put("twin." + name, tensor));
    return state;
  }

  @Override
  public void close() {
    twin.close();
  }
}
