/**
 * How a set of pictures becomes a stream of chunks: one class an order. Every order is a pure
 * function of the set and the seed, all chance comes from {@link dev.millrace.draw.Draw}, and
 * inside a chunk pictures stand in the set's order. What is trained on when, and the shuffling of
 * an epoch, live elsewhere. Depends on {@code stream}, {@code stream.taxonomy} (for distances
 * between classes), {@code draw} and {@code refusal}.
 */
package dev.millrace.stream.order;
