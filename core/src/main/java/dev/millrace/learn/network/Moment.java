package dev.millrace.learn.network;

/**
 * Where in a run a step stands, before it is made.
 *
 * @param chunk counted from 0
 * @param epoch of the chunk, counted from 0
 * @param step of the chunk, 0 … steps − 1, over all its epochs
 * @param steps that the chunk has
 * @param total steps made since the run began
 */
public record Moment(int chunk, int epoch, int step, int steps, long total) {
  /** The share of the chunk's steps that are made, 0 to below 1. */
  public double share() {
    return (double) step / steps;
  }
}
