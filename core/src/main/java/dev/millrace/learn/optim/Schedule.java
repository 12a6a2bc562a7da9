package dev.millrace.learn.optim;

/** The learning rate over the steps of a chunk. Immutable. */
public interface Schedule {
  /** The learning rate of a step of the chunk, counted from 0. */
  double at(int step);

  /**
   * How much of the way to a finished encoder is behind before a step, 0 to below 1: what a method
   * anneals beside the rate follows it.
   */
  double share(int step);
}
