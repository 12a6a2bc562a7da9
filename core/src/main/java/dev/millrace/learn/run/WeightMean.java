package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.learn.network.Network;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The running mean of a network's weights over the last steps of a chunk, {@code [P] float32}. Not
 * thread-safe; close it to free the tensor.
 */
public final class WeightMean implements AutoCloseable {
  private final Tensor mean;

  /** A mean of nothing yet, of the weights of this network. */
  public WeightMean(Network network) {
    try (PointerScope scope = new PointerScope()) {
      mean = zeros_like(network.weights().flat());
      mean.retainReference();
    }
  }

  /**
   * Takes in the weights after a step.
   *
   * @param weight of them in the mean, 0 … 1; 1 forgets what was before
   */
  void add(Network network, double weight) {
    if (weight > 0) {
      try (PointerScope scope = new PointerScope()) {
        mean.lerp_(network.weights().flat(), new Scalar(weight));
      }
    }
  }

  /** Puts the mean in the place of a network's weights. */
  void into(Network network) {
    try (NoGradGuard stop = new NoGradGuard()) {
      network.weights().flat().copy_(mean);
    }
  }

  /** What makes it, by name; live tensors. */
  Map<String, Tensor> state() {
    return Map.of("trunk.mean", mean);
  }

  @Override
  public void close() {
    mean.releaseReference();
  }
}
