package dev.millrace.study.record;

/**
 * Which repetition of its row a run is.
 *
 * @param seed of weights, views and draws
 * @param order seed of the stream's order; the seed, where a study gives none of its own
 */
public record Replicate(long seed, long order) implements Comparable<Replicate> {
  /** A repetition whose order follows from its seed. */
  public Replicate(long seed) {
    this(seed, seed);
  }

  /** In words: the seed, and the order where it has a seed of its own. */
  public String words() {
    return seed + (order == seed ? "" : " (order " + order + ")");
  }

  @Override
  public int compareTo(Replicate other) {
    int bySeed = Long.compare(seed, other.seed);
    return bySeed == 0 ? Long.compare(order, other.order) : bySeed;
  }
}
