package dev.millrace.stream.memory;

/**
 * The newest pictures: a chunk's later positions drive out its earlier ones, and a chunk those
 * before it.
 *
 * @param capacity the most pictures held at any time, at least 1
 */
public record Fifo(int capacity) implements Keep {
  /** Checks the range. */
  public Fifo {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "the replay memory's capacity is " + capacity + " pictures; expected at least 1");
    }
  }

  @Override
  public int ofChunk(int size) {
    return Math.min(size, capacity);
  }

  @Override
  public int overall() {
    return capacity;
  }

  /** The smaller the newer. */
  @Override
  public long priority(long seed, int chunk, int position) {
    return -(((long) chunk << 32) | position);
  }
}
