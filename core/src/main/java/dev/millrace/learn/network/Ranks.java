package dev.millrace.learn.network;

import org.bytedeco.pytorch.Tensor;

/**
 * The processes that make a step together, each on its own part of the batch. Every one must make
 * the same calls in the same order.
 */
public interface Ranks {
  /** Which of them this process is, 0 … count − 1. */
  int index();

  /** How many there are. */
  int count();

  /** Replaces a tensor by its mean over all processes, in place. */
  void mean(Tensor tensor);

  /**
   * The rows of all processes, in their order.
   *
   * @param rows {@code [N, …]}, of one shape everywhere
   * @return {@code [count · N, …]}; the caller's scope owns it
   */
  Tensor gather(Tensor rows);

  /** Whether a condition holds in any process. */
  boolean any(boolean here);
}
