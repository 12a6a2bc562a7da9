package dev.millrace.live;

/**
 * What a look at a picture's bytes says before it is accepted. Immutable.
 *
 * @param fault why it cannot be learned; null if it can
 * @param print what it looks like, small, see {@link NearDuplicates}; null where nobody asks for it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared nor written to
public record Look(String fault, float[] print) {
  /** Looks at pictures; thread-safe, and called by several threads at a time. */
  @FunctionalInterface
  public interface Out {
    /** Looks at encoded bytes, which it neither keeps nor changes. */
    Look at(byte[] bytes);
  }
}
