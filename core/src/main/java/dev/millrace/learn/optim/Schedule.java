package dev.millrace.learn.optim;

/** The learning rate over the steps of a chunk. Immutable. */
public interface Schedule {
  /** The learning rate of a step, counted from 0. */
  double at(int step);
}
