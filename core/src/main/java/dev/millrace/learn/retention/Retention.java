package dev.millrace.learn.retention;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A way to hold on to what past chunks taught. Not thread-safe; close it to free its tensors. */
public interface Retention extends AutoCloseable {
  /**
   * Called after each update of the optimiser.
   *
   * @param encoder the encoder's weights, {@code [P] float32}, a live view
   * @param rate the step the optimiser would make along a constant unit gradient: lr/(1 − momentum)
   */
  void afterUpdate(Tensor encoder, double rate);

  /**
   * Called at the end of each chunk.
   *
   * @param features from pictures to the encoder's features {@code [N, D] float32}, with their
   *     graph, in evaluation mode
   * @param encoder its weights, {@code [P] float32}, a live view
   * @param gradient their gradient, a live view that {@code backward} fills; left zeroed
   * @param batches pictures of the chunk, {@code [N, 3, S, S] float32}; each is valid until the
   *     next
   */
  void consolidate(
      UnaryOperator<Tensor> features, Tensor encoder, Tensor gradient, Iterable<Tensor> batches);

  /** Pictures of the chunk that {@link #consolidate} wants to see; 0 for none. */
  int images();

  /**
   * Everything a later run needs to go on exactly, by name; live tensors, owned by the retention.
   */
  Map<String, Tensor> state();

  @Override
  void close();
}
