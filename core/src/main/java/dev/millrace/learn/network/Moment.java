package dev.millrace.learn.network;

/**
 * Where in a run a step stands, before it is made.
 *
 * @param chunk counted from 0
 * @param epoch of the chunk, counted from 0
 * @param step of the chunk, 0 … steps − 1, over all its epochs; from steps on while statistics of a
 *     mean are taken after them, in further epochs
 * @param steps that the chunk has
 * @param total steps made since the run began
 * @param share how much of the way to a finished encoder is behind, 0 to below 1; 0 throughout
 *     where the rate stays constant
 * @param first whether no step of another chunk was made: chunk 0 or, where all before it were
 *     skipped for want of pictures, a later one
 */
public record Moment(
    int chunk, int epoch, int step, int steps, long total, double share, boolean first) {
  /** Of a schedule that ends with the chunk, in a stream of which no chunk was skipped. */
  public Moment(int chunk, int epoch, int step, int steps, long total) {
    this(chunk, epoch, step, steps, total, (double) step / steps, chunk == 0);
  }
}
