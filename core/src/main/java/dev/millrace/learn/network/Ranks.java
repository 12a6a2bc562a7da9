package dev.millrace.learn.network;

import dev.millrace.vision.encoder.RowSharers;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes that make a step together, each on its own part of the batch. Every one must make
 * the same calls in the same order, from one thread; a call returns when all have made it.
 *
 * @see LostRankException thrown by each call when a process is gone
 */
public interface Ranks extends RowSharers {
  /** What one process does for all. */
  @FunctionalInterface
  interface Action {
    /** Does it. */
    void run() throws IOException;
  }

  /** Which of them this process is, 0 … count − 1. */
  int index();

  /** How many there are. */
  int count();

  /** Replaces a dense tensor by its mean over all processes, in place; the same bits in each. */
  void mean(Tensor tensor);

  /** Replaces a dense tensor by that of the first process, in place. */
  void spread(Tensor tensor);

  /**
   * The sum of a scalar over all processes, with the graph of this process's own.
   *
   * @return the caller's scope owns it
   */
  Tensor total(Tensor scalar);

  /** The largest of a number. */
  int most(int here);

  /** Whether a condition holds in any process. */
  default boolean any(boolean here) {
    return most(here ? 1 : 0) > 0;
  }

  /** Does something in the first process alone; all wait until it is done. */
  default void first(Action action) throws IOException {
    if (index() == 0) {
      action.run();
    }
    any(false);
  }
}
