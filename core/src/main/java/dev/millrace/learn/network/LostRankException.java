package dev.millrace.learn.network;

/** A process that makes steps with this one is gone, or not heard of. */
public final class LostRankException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message which process, and why, as far as is known
   */
  public LostRankException(String message, Throwable cause) {
    super(message, cause);
  }
}
