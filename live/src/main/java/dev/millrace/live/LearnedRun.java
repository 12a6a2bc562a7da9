package dev.millrace.live;

import java.io.IOException;
import java.util.function.Predicate;

/** The run in which closed chunks are learned, as far as forgetting has to do with it. */
interface LearnedRun {
  /**
   * Keeps learning from beginning meanwhile.
   *
   * @return null while somebody learns, or has begun the first chunk
   */
  Held hold() throws IOException;

  /** Removes what was kept of vectors: indexes of earlier searches. */
  void dropVectors() throws IOException;

  /** The run, in which nobody learns until this is closed. */
  interface Held extends AutoCloseable {
    /** The last chunk that is learned; 0 for none. */
    int learned();

    /** The last chunk whose learning has begun; more than {@link #learned} where it was stopped. */
    int begun();

    /** Whether pictures of a learned chunk are read once more, when the next one is learned. */
    boolean needs(int chunk);

    /**
     * Removes pictures from replay, by their names in chunks. Only where no chunk is half learned.
     */
    void drop(Predicate<String> names) throws IOException;

    @Override
    void close() throws IOException;
  }
}
