package dev.millrace.stream.memory;

/**
 * A fixed number of pictures over the whole stream, each picture seen so far with equal probability
 * (Vitter, "Random sampling with a reservoir", 1985; here by smallest priorities, which needs no
 * state).
 *
 * @param capacity the most pictures held at any time, at least 1
 */
public record Reservoir(int capacity) implements Keep {
  /** Checks the range. */
  public Reservoir {
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
}
