package dev.millrace.live;

import dev.millrace.learn.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An encoder that has learned one more chunk, and may be served. Immutable.
 *
 * @param live the live run
 * @param run the run in which it was learned; not locked, and nobody learns in it meanwhile
 * @param chunk the last chunk that it has learned, from 1
 * @param encoder its file, which the next chunk replaces
 * @param sha256 of that file
 */
public record Candidate(LiveFolder live, RunFolder run, int chunk, Path encoder, String sha256) {
  /** Decides what becomes of candidates: a gate, or whoever serves each of them. */
  @FunctionalInterface
  public interface Taker {
    /**
     * Takes a candidate; the next chunk is learned when this returns. After a crash the last
     * candidate may come a second time.
     *
     * @throws IOException if it cannot now; it is tried again
     */
    void take(Candidate candidate) throws IOException;

    /**
     * Whether it may ask for the run to go back to before a chunk; a live run whose settings do not
     * say so keeps nothing to go back to, and does not start with it.
     */
    default boolean reverts() {
      return false;
    }
  }
}
