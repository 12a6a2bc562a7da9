package dev.millrace.learn.run;

import dev.millrace.learn.optim.CosineSchedule;
import dev.millrace.learn.optim.Schedule;
import dev.millrace.learn.optim.StreamCosine;
import dev.millrace.learn.optim.Wsd;
import dev.millrace.refusal.Require;

/** How the learning rate goes over a chunk, and what the chunk publishes. Immutable. */
public sealed interface Course {
  /**
   * The rate over the steps of a chunk.
   *
   * @param lr its peak
   * @param warmup steps of linear warm-up at the chunk's start
   * @param steps that the chunk has
   * @param part that the steps belong to
   */
  Schedule schedule(double lr, int warmup, int steps, Position.Part part);

  /**
   * Epochs of warm-up of a chunk.
   *
   * @param epochs of the run's warm-up
   * @param first whether it is the first chunk that is learned
   */
  default double warmup(double epochs, boolean first) {
    return first ? epochs : again();
  }

  /** Epochs of warm-up of a chunk after the first. */
  double again();

  /** The first of a chunk's steps that a branch makes; {@code steps} where there is no branch. */
  default int fork(int steps) {
    return steps;
  }

  /** The weight of a step's weights when they join the mean that is published; 0 for none. */
  default double meanWeight(int step, int steps) {
    return 0;
  }

  /** A cosine to 0 in every chunk, and an optimiser that begins each of them at rest. */
  record Restart() implements Course {
    @Override
    public Schedule schedule(double lr, int warmup, int steps, Position.Part part) {
      return new CosineSchedule(lr, warmup, steps);
    }

    @Override
    public double warmup(double epochs, boolean first) {
      return epochs;
    }

    @Override
    public double again() {
      return 0;
    }
  }

  /**
   * One cosine over the whole stream; see {@link StreamCosine}.
   *
   * @param again epochs of warm-up of a chunk after the first
   * @param before planned steps of all chunks before this one
   * @param planned planned steps of this one
   * @param total planned steps of all chunks
   */
  record Cosine(double again, long before, long planned, long total) implements Course {
    @Override
    public Schedule schedule(double lr, int warmup, int steps, Position.Part part) {
      return new StreamCosine(lr, warmup, steps, before, planned, total);
    }
  }

  /**
   * A trunk at a constant rate, from which each chunk publishes an encoder; see {@link Wsd}.
   *
   * @param again epochs of warm-up of a chunk after the first
   * @param published how the published encoder is made
   * @param anchor which network remedies take to be what a chunk left
   */
  record Endless(double again, Published published, Anchor anchor) implements Course {
    @Override
    public Schedule schedule(double lr, int warmup, int steps, Position.Part part) {
      Wsd wsd = new Wsd(lr, warmup, steps, steps - fork(steps));
      return part == Position.Part.BRANCH ? wsd.branch() : wsd.trunk();
    }

    @Override
    public int fork(int steps) {
      return published instanceof Branch branch
          ? steps - (int) Math.max(1, Math.round(branch.decay() * steps))
          : steps;
    }

    @Override
    public double meanWeight(int step, int steps) {
      return published instanceof Merge merge ? merge.weight(step, steps) : 0;
    }
  }

  /** How an encoder is made from a trunk whose rate is constant. */
  sealed interface Published {}

  /**
   * A copy of the trunk makes the chunk's last steps while the rate falls to 0.
   *
   * @param decay the share of the chunk's steps that it makes, in (0, 1]
   */
  record Branch(double decay) implements Published {
    /** Refuses what is no share. */
    public Branch {
      Require.flag(decay > 0 && decay <= 1, "--decay", decay + " is not a share in (0, 1]");
    }
  }

  /**
   * The mean of the trunk's weights over its last steps, which stands in for a decay: Tian et al.,
   * "WSM", arXiv 2507.17634; the statistics of normalisations are taken again.
   *
   * @param window the share of the chunk's steps that it reaches back, in (0, 1]
   * @param exponential whether older steps count less and less instead of all alike
   */
  record Merge(double window, boolean exponential) implements Published {
    /** Refuses what is no share. */
    public Merge {
      Require.flag(
          window > 0 && window <= 1, "--merge-window", window + " is not a share in (0, 1]");
    }

    /** The weight of a step's weights when they join the mean; 0 for none. */
    double weight(int step, int steps) {
      int length = (int) Math.max(1, Math.round(window * steps));
      if (exponential) {
        return Math.max(1.0 / (step + 1), 1.0 / length);
      }
      int begin = steps - length;
      return step < begin ? 0 : 1.0 / (step - begin + 1);
    }
  }

  /** Which network remedies take to be what a chunk left. */
  enum Anchor {
    /** The trunk, after all of the chunk's steps. */
    TRUNK,
    /** What the chunk published. */
    PUBLISHED
  }
}
