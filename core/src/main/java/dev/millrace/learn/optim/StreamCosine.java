package dev.millrace.learn.optim;

import dev.millrace.refusal.UsageException;

/**
 * One half cosine down to 0 over a stream whose length is known, as one run over all its data would
 * have it. A chunk takes the part of it that was planned for it, also where it has fewer steps
 * because pictures are bad. Immutable.
 *
 * @param peak above 0
 * @param warmup steps of linear warm-up at this chunk's start, at least 0
 * @param steps steps of this chunk, at least 1
 * @param before planned steps of all chunks before it
 * @param planned planned steps of this chunk
 * @param total planned steps of all chunks, at least {@code before + planned}
 */
public record StreamCosine(
    double peak, int warmup, int steps, long before, long planned, long total) implements Schedule {
  /** Refuses values outside their ranges. */
  public StreamCosine {
    if (!(peak > 0)) {
      throw UsageException.of("--lr", peak + " is not above 0");
    }
    if (warmup < 0 || steps < 1 || before < 0 || planned < 1 || before + planned > total) {
      throw new IllegalArgumentException(
          "a chunk of %d steps, planned as %d after %d of %d, has no place in a stream"
              .formatted(steps, planned, before, total));
    }
  }

  @Override
  public double at(int step) {
    double rate = peak * 0.5 * (1 + Math.cos(Math.PI * place(step) / total));
    return step < warmup ? rate * (step + 1) / warmup : rate;
  }

  @Override
  public double share(int step) {
    return place(step) / total;
  }

  /** In planned steps of the stream. */
  private double place(int step) {
    return before + (double) planned * step / steps;
  }
}
