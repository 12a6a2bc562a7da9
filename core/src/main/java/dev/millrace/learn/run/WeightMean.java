package dev.millrace.learn.run;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import dev.millrace.learn.method.Learner;
import dev.millrace.learn.network.Mlp;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Views;
import java.io.IOException;
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

  /** Batches of views. */
  @FunctionalInterface
  interface Taken {
    Views take() throws IOException;
  }

  /**
   * Puts the mean in the place of a network's weights, and takes the statistics of its
   * normalisations again: the mean over batches of what the views have that the method shows.
   *
   * @param batches how many, at least 1
   * @param views gives them one after another; each is valid until the next
   */
  void into(Learner learner, int batches, Taken views) throws IOException {
    Network network = learner.network();
    try (PointerScope scope = new PointerScope();
        NoGradGuard stop = new NoGradGuard()) {
      network.weights().flat().copy_(mean);
      Tensor running = network.statistics().flat();
      Tensor trunks = running.clone();
      Tensor sum = zeros_like(running);
      for (int b = 0; b < batches; b++) {
        try (PointerScope batch = new PointerScope()) {
          running.zero_();
          int shown = learner.method().outputs(views.take(), Mode.TRAINING).features().size();
          // Nothing was there before: of what each view has, the last the most, this is the mean.
          sum.add_(running, new Scalar(1 / (1 - Math.pow(1 - Mlp.MOMENTUM, shown))));
        }
      }
      Tensor fresh = sum.div(new Scalar(batches));
      // Heads that the method does not show views to have nothing new.
      running.copy_(fresh.where(sum.ne(new Scalar(0.0)), trunks));
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
