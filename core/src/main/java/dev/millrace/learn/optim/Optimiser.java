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

  /** How far the weights would go along a constant unit gradient, per step, at a learning rate. */
  double unitStep(double lr);

  /** Forgets its state, as at the start of a chunk. */
  void rest();

  /**
   * Everything a later run needs to go on exactly, by name; live tensors, owned by the optimiser.
   */
  Map<String, Tensor> state();

  @Override
  void close();
}
