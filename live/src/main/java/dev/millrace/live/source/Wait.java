package dev.millrace.live.source;

import java.time.Duration;
import java.time.Instant;

/**
 * A wait from a moment on. A clock that was set back to before that moment ends it: else it would
 * take as long as the step. Immutable.
 *
 * @param from when it began
 * @param to when it is over
 */
public record Wait(Instant from, Instant to) {
  /** One that is over. */
  public static final Wait NONE = new Wait(Instant.MIN, Instant.MIN);

  /** One that begins now. */
  public static Wait of(Instant now, Duration length) {
    return new Wait(now, now.plus(length));
  }

  /** One of so many seconds that begins now. */
  public static Wait ofSeconds(Instant now, long seconds) {
    return of(now, Duration.ofSeconds(seconds));
  }

  /** Whether it is over. */
  public boolean isOver(Instant now) {
    return now.isBefore(from) || !now.isBefore(to);
  }
}
