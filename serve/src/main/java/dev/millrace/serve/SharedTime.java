package dev.millrace.serve;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Rests after each stretch of work for so long that work is a share of the time. */
final class SharedTime implements KeptVectors.Rest {
  private static final long SLICE_MILLIS = 100;
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final double share;
  private final InstantSource clock;
  private Instant began;

  /**
   * @param share of the time at work, in (0, 1]
   */
  SharedTime(double share, InstantSource clock) {
    this.share = share;
    this.clock = clock;
    began = clock.instant();
  }

  /** How long a stretch of work is to be rested from. */
  Duration rest(Duration work) {
    double millis = Math.max(0, work.toMillis()) * (1 / share - 1);
    return Duration.ofMillis(Math.round(Math.min(LONGEST.toMillis(), millis)));
  }

  @Override
  public void begin() {
    began = clock.instant();
  }

  @Override
  public void take(BooleanSupplier stop) {
    try {
      long left = rest(Duration.between(began, clock.instant())).toMillis();
      for (; left > 0 && !stop.getAsBoolean(); left -= SLICE_MILLIS) {
        TimeUnit.MILLISECONDS.sleep(Math.min(left, SLICE_MILLIS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    began = clock.instant();
  }
}
