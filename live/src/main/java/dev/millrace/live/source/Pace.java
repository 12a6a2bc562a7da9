package dev.millrace.live.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * When a folder is looked through again: at once where something was found, after a second where
 * nothing was, and sooner where a file will be whole. One that takes long to look through is looked
 * through less often. Not thread-safe.
 */
final class Pace {
  private static final Duration IDLE = Duration.ofSeconds(1);

  /** It is left alone for so many times as long as looking took … */
  private static final int REST = 4;

  /** … but no longer than this. */
  private static final Duration LONGEST_REST = Duration.ofSeconds(30);

  private final InstantSource clock;
  private Instant began = Instant.MIN;
  private Wait rest = Wait.NONE;
  private Instant whole = Instant.MAX;

  Pace(InstantSource clock) {
    this.clock = clock;
  }

  boolean due() {
    return rest.isOver(clock.instant());
  }

  void begin() {
    began = clock.instant();
    whole = Instant.MAX;
  }

  /** A file will be whole then. */
  void whole(Instant then) {
    whole = then.isBefore(whole) ? then : whole;
  }

  /** It was looked through, and something was found or not. */
  void end(boolean found) {
    Instant now = clock.instant();
    Duration share = Duration.between(began, now).multipliedBy(REST);
    Instant next = now.plus(share.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : share);
    Instant idle = whole.isBefore(now.plus(IDLE)) ? whole : now.plus(IDLE);
    if (!found && idle.isAfter(next)) {
      next = idle;
    }
    rest = new Wait(now, next);
  }
}
