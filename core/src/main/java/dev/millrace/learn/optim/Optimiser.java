package dev.millrace.learn.optim;

import dev.millrace.engine.Parameters;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/** How weights change by their gradient. Not thread-safe; close it to free its state. */
public interface Optimiser extends AutoCloseable {
  /**
   * The weights of linear layers and convolutions, which alone decay in recipes that leave some
   * out: biases, normalisations, a transformer's class token and positions do not.
   */
  Predicate<Parameters.Entry> LAYERS =
      entry -> entry.shape().size() > 1 && entry.name().endsWith(".weight");

  /** What it is called in checkpoints: {@code sgd}. */
  String name();

  /**
   * One update from the gradient that stands in the weights.
   *
   * @param lr learning rate, at least 0
   */
  void step(double lr);

  /**
   * How far the first weights go for each unit of a constant gradient, per step, as the last step
   * was made: the mean over these weights. What pulls at weights beside the gradient is measured by
   * it, so that a strength means the same whichever optimiser it stands beside.
   *
   * @param lr learning rate, at least 0
   * @param first how many of the flat weights, from the front, are meant; at least 1
   */
  double unitStep(double lr, long first);

  /** Forgets its state, as at the start of a chunk whose rate begins anew. */
  void rest();

  /**
   * Everything a later run needs to go on exactly, by name; live tensors, owned by the optimiser.
   */
  Map<String, Tensor> state();

  @Override
  void close();
}
