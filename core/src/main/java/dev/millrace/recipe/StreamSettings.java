package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * What comes in which chunk. Immutable.
 *
 * @param order what makes a chunk
 * @param chunks chunks of the stream; {@code joint} has 1, {@code given} one per set, {@code
 *     domain} one per domain
 * @param hierarchy file with a class hierarchy, for the distant stream; empty for the set's own,
 *     else WordNet
 * @param orderSeed of the stream only: which pictures, classes or domains are in which chunk, and
 *     the chunks' order; null for the seed; a run's own file names the number
 * @param orderSquare whether orders 1 to n of n chunks are one draw of chunks, turned, so that each
 *     chunk is once in each place (a cyclic Latin square), and n + 1 to 2n another; else every
 *     order is a draw of its own
 * @param seed of every draw: first weights, views, batches, memory
 */
public record StreamSettings(
    @Knob(value = "order of the stream: {stream}", name = "stream") StreamOrder order,
    @Knob("chunks of the stream; {chunks}") int chunks,
    @Knob(
            value =
                "file with a class hierarchy for the distant stream, instead of WordNet or the set's own",
            label = "FILE",
            housekeeping = true)
        String hierarchy,
    @Knob("seed of what comes in which chunk, and of the chunks' order, whatever --seed is")
        Long orderSeed,
    @Knob(
            neutral = "false",
            value =
                "orders 1 to n of n chunks have each chunk once in each place (a cyclic Latin square), where each order else is a draw of its own")
        boolean orderSquare,
    @Knob("seed of first weights, views and draws") long seed) {

  /** Refuses values outside their ranges. */
  public StreamSettings {
    Require.component(chunks >= 1, "chunks", chunks + " is below 1");
  }

  /** With another order. */
  public StreamSettings order(StreamOrder order) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** With this many chunks. */
  public StreamSettings chunks(int chunks) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** With a file with a class hierarchy. */
  public StreamSettings hierarchy(String hierarchy) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** With a seed for the order only. */
  public StreamSettings orderSeed(Long orderSeed) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** With each chunk once in each place, by orders 1 to the number of chunks; or without. */
  public StreamSettings orderSquare(boolean orderSquare) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** With another seed. */
  public StreamSettings seed(long seed) {
    return new StreamSettings(order, chunks, hierarchy, orderSeed, orderSquare, seed);
  }

  /** The seed of the stream's order. */
  public long ordering() {
    return orderSeed == null ? seed : orderSeed;
  }
}
