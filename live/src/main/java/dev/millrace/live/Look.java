package dev.millrace.live;

/**
 * What a look at a picture's bytes says before it is accepted. Immutable.
 *
 * @param fault why it cannot be learned; null if it can
 * @param print its perceptual hash, see {@link NearDuplicates}; 0 where nobody asks for it
 */
public record Look(String fault, long print) {
  /** Looks at pictures; thread-safe, and called by several threads at a time. */
  @FunctionalInterface
  public interface Out {
    /** Looks at encoded bytes, which it neither keeps nor changes. */
    Look at(byte[] bytes);
  }
}
