package dev.millrace.learn.network;

/** How a network computes. */
public enum Mode {
  /**
   * In the run's precision; normalisations use the batch's statistics and move the running ones.
   */
  TRAINING,
  /** In the run's precision; normalisations use the running statistics, which stay. */
  EVALUATION,
  /**
   * In single precision, by operators that can be derived any number of times; normalisations use
   * the batch's statistics, and the running ones are neither read nor written.
   */
  DIFFERENTIABLE
}
