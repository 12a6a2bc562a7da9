package dev.millrace.live.source;

/**
 * How long to wait before what failed is tried again: 1, 2, 4 … seconds, up to a longest. Not
 * thread-safe.
 */
public final class Backoff {
  private final long longest;
  private long seconds;

  /** Nothing has failed yet; waits a minute at most. */
  public Backoff() {
    this(60);
  }

  /** Nothing has failed yet; waits so many seconds at most. */
  public Backoff(long longest) {
    this.longest = longest;
  }

  /** It failed once more; answers the seconds to wait. */
  public long failed() {
    seconds = Math.min(longest, Math.max(1, 2 * seconds));
    return seconds;
  }

  /** It succeeded: the next failure is a first one again. */
  public void succeeded() {
    seconds = 0;
  }
}
