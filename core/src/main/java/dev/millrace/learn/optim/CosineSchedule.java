package dev.millrace.learn.optim;

import dev.millrace.refusal.UsageException;

/**
 * Linear warm-up, then half a cosine down to zero; restarted with each chunk. Immutable.
 *
 * @param peak learning rate at the end of the warm-up, above 0
 * @param warmup steps of warm-up, at least 0
 * @param steps steps of the whole schedule, at least 1
 */
public record CosineSchedule(double peak, int warmup, int steps) implements Schedule {
  /** Refuses values outside their ranges. */
  public CosineSchedule {
    if (!(peak > 0)) {
      throw UsageException.of("--lr", peak + " is not above 0");
    }
    if (steps < 1 || warmup < 0 || warmup >= steps && warmup > 0) {
      throw new IllegalArgumentException(
          "a warm-up of "
              + warmup
              + " steps does not fit a chunk of "
              + steps
              + "; shorten --warmup");
    }
  }

  /** The learning rate of a step in 0 … steps − 1. */
  @Override
  public double at(int step) {
    if (step < warmup) {
      return peak * (step + 1) / warmup;
    }
    return peak * 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / (steps - warmup)));
  }

  @Override
  public double share(int step) {
    return (double) step / steps;
  }
}
