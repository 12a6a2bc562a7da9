package dev.millrace.live.learn;

import java.io.IOException;

/** Learns closed chunks, wherever it does that. */
public interface Learner extends AutoCloseable {
  /**
   * Learns up to a chunk, and waits for it.
   *
   * @param chunk from 1
   * @return false if it was closed before it was done
   * @throws IOException if learning failed; it may be tried again
   */
  boolean learn(int chunk) throws IOException;

  /** Stops at a checkpoint; {@link #learn} then returns. */
  @Override
  void close() throws IOException;
}
