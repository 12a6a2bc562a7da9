package dev.millrace.vision.encoder;

import org.bytedeco.pytorch.Tensor;

/**
 * The processes that have the rows of one batch among them. Every one must make the same calls in
 * the same order, from one thread; a call returns when all have made it.
 */
public interface RowSharers {
  /** Replaces a dense tensor by its sum over all processes, in place; the same bits in each. */
  void sum(Tensor tensor);

  /**
   * The rows of all processes, in their order. Those of this process keep their graph, the others
   * have none: the gradient of a function of all rows, summed over processes, is the whole one.
   *
   * @param rows {@code [N, …]}, of one shape everywhere
   * @return {@code [count · N, …]}; the caller's scope owns it
   */
  Tensor gather(Tensor rows);
}
