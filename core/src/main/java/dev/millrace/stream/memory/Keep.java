package dev.millrace.stream.memory;

import dev.millrace.draw.Draw;

/**
 * Which pictures of the past stay. Every picture draws a priority, a pure function of seed, chunk
 * and position; of each chunk the {@link #ofChunk} smallest stay, and of all the {@link #overall}
 * smallest, as long as their bytes together are within {@link #bytes}. Where priorities are
 * independent and uniform, so is what stays.
 */
public sealed interface Keep permits Reservoir, UniformShare, Fifo, WithinBytes {
  /** How many pictures of a chunk of this size may stay. */
  int ofChunk(int size);

  /** The most pictures over all chunks together. */
  int overall();

  /** The most encoded bytes of pictures over all chunks together. */
  default long bytes() {
    return Long.MAX_VALUE;
  }

  /** The priority of a picture, compared as signed: 64 uniform bits where nothing else is said. */
  default long priority(long seed, int chunk, int position) {
    return Draw.of(seed, "memory", chunk, position).bits();
  }
}
