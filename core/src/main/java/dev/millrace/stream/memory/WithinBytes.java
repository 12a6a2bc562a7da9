package dev.millrace.stream.memory;

/**
 * Another policy's pictures, in its order, as long as their encoded bytes together stay within a
 * bound: the first that does not fit beside those before it ends them. One that would not fit by
 * itself is left out and ends nothing.
 *
 * @param keep the other policy
 * @param bytes at least 1
 */
public record WithinBytes(Keep keep, long bytes) implements Keep {
  /** Checks the range. */
  public WithinBytes {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "the replay memory's bound is " + bytes + " bytes; expected at least 1");
    }
  }

  @Override
  public int ofChunk(int size) {
    return keep.ofChunk(size);
  }

  @Override
  public int overall() {
    return keep.overall();
  }

  @Override
  public long priority(long seed, int chunk, int position) {
    return keep.priority(seed, chunk, position);
  }
}
