package dev.millrace.live.account;

/**
 * What the account knows of a chunk.
 *
 * @param number from 1
 * @param phase how far it is
 * @param first number of the first picture that may belong to it
 * @param rule the rule that closed it, such as {@code count=500}; null while it is open and none
 *     holds
 * @param began when its first picture was accepted, milliseconds since 1970; 0 while it has none
 * @param closed when it was closed, likewise; 0 before
 * @param pictures how many it has, or had when it was learned
 * @param bytes of the pictures that its file has; 0 while it is open, and where the file is gone
 */
public record ChunkRecord(
    int number,
    Phase phase,
    long first,
    String rule,
    long began,
    long closed,
    long pictures,
    long bytes) {
  /** How far a chunk is. Stored by place: add only at the end. */
  public enum Phase {
    /** Pictures are appended. */
    OPEN,
    /** It is decided that it closes; its file may be there or not. */
    CLOSING,
    /** Its file is there. */
    CLOSED,
    /** It is learned. */
    LEARNED,
    /** It was learned and taken back. */
    SET_ASIDE
  }

  /** The fewest pictures that are learned: two are compared with each other. */
  public static final int LEAST = 2;

  /** The same in another phase. */
  public ChunkRecord in(Phase other) {
    return new ChunkRecord(number, other, first, rule, began, closed, pictures, bytes);
  }

  /**
   * Whether it is closed and not learned, nor ever will be: a person had so many of its pictures
   * forgotten before its turn that too few are left.
   */
  public boolean isPassedOver() {
    return phase.compareTo(Phase.CLOSED) >= 0 && pictures < LEAST;
  }
}
