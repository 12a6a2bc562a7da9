package dev.millrace.learn.optim;

import dev.millrace.refusal.UsageException;

/**
 * Warm-up, stable, decay: the rate rises once, stays, and falls to 0 only on a branch that is
 * published, while the trunk goes on at the constant. Hu et al., "MiniCPM", arXiv 2404.06395,
 * section 4; for continual self-supervision on pictures Singh et al., "Beyond Cosine Decay", arXiv
 * 2503.02844. Immutable.
 *
 * @param peak the constant, above 0
 * @param warmup steps of linear warm-up at the chunk's start, at least 0
 * @param steps steps of the chunk, at least 1
 * @param decay how many of the last of them the branch takes, 0 … steps; 0 for no branch
 */
public record Wsd(double peak, int warmup, int steps, int decay) {
  /** Refuses values outside their ranges. */
  public Wsd {
    if (!(peak > 0)) {
      throw UsageException.of("--lr", peak + " is not above 0");
    }
    if (warmup < 0 || steps < 1 || decay < 0 || decay > steps) {
      throw new IllegalArgumentException(
          "a warm-up of %d and a decay of %d steps do not fit a chunk of %d"
              .formatted(warmup, decay, steps));
    }
  }

  /** The first step that trunk and branch both make, each for itself. */
  public int fork() {
    return steps - decay;
  }

  /** The trunk's rate: the constant, after the warm-up. */
  public Schedule trunk() {
    return new Schedule() {
      @Override
      public double at(int step) {
        return stable(step);
      }

      /** A trunk is never finished. */
      @Override
      public double share(int step) {
        return 0;
      }
    };
  }

  /** The branch's rate: from the trunk's at the fork linearly to 0, which follows its last step. */
  public Schedule branch() {
    return new Schedule() {
      @Override
      public double at(int step) {
        return stable(step) * (steps - step) / decay;
      }

      @Override
      public double share(int step) {
        return (double) (step - fork()) / decay;
      }
    };
  }

  private double stable(int step) {
    return step < warmup ? peak * (step + 1) / warmup : peak;
  }
}
