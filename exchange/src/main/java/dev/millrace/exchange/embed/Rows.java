package dev.millrace.exchange.embed;

import java.io.IOException;

/** Rows on their way to a file, one after another. Not thread-safe. */
public interface Rows {
  /** How many there are. */
  long count();

  /** Numbers of each vector, D. */
  int dim();

  /**
   * The next row; null after the last.
   *
   * @throws IOException if it cannot be read
   */
  Row next() throws IOException;
}
