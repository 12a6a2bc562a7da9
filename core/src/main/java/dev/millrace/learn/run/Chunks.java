package dev.millrace.learn.run;

import dev.millrace.stream.Chunk;
import java.io.IOException;

/** The chunks of a run, opened when their turn comes: the source of a past chunk may be gone. */
public interface Chunks {
  /** Number of chunks. */
  int count();

  /**
   * Opens a chunk.
   *
   * @throws IOException if its source cannot be read, or is not what it was when the run began
   * @throws java.util.concurrent.CancellationException if a stop was asked for before it was open
   */
  Chunk open(int index) throws IOException;
}
