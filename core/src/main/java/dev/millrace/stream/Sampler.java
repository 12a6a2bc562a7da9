package dev.millrace.stream;

import dev.millrace.draw.Draw;

/**
 * Which pictures an epoch draws: as many as the chunk has, from the chunk and from what replay
 * keeps of earlier chunks, so that every remedy costs equal passes. A pure function of its
 * arguments.
 */
public final class Sampler {
  /** How replay mixes old pictures into an epoch. */
  public enum Mix {
    /** Every picture of chunk ∪ memory is equally likely. */
    UNIFORM,
    /** Every chunk seen so far gets the same share of the epoch; a small memory repeats. */
    BALANCED
  }

  private Sampler() {}

  /**
   * The order of one epoch over the pool that is the chunk followed by the memories of chunks 0, 1,
   * …
   *
   * @param seed the run's seed
   * @param chunk index of the chunk being learned
   * @param epoch epoch within the chunk
   * @param size pictures in the chunk, and draws of the epoch
   * @param kept pictures kept of each past chunk; zeros are allowed
   * @param mix how the pool is drawn
   * @return {@code size} indices into the pool
   */
  public static int[] epoch(long seed, int chunk, int epoch, int size, int[] kept, Mix mix) {
    Draw draw = Draw.of(seed, "sampler", chunk, epoch);
    int pool = size;
    int memories = 0;
    for (int count : kept) {
      pool += count;
      memories += count > 0 ? 1 : 0;
    }
    if (memories == 0) {
      return draw.permutation(size);
    }
    if (mix == Mix.UNIFORM) {
      return draw.sample(pool, size);
    }
    int shares = memories + 1;
    int[] drawn = new int[size];
    int at = 0;
    int offset = size;
    int share = 1;
    for (int past = 0; past < kept.length; past++) {
      if (kept[past] > 0) {
        // Cumulative rounding: the shares differ by one at most and sum to the epoch.
        int until = (int) ((long) size * share++ / shares);
        for (int round = 0; at < until; round++) {
          int[] order =
              draw.at(past + 1).at(round).sample(kept[past], Math.min(kept[past], until - at));
          for (int index : order) {
            drawn[at++] = offset + index;
          }
        }
        offset += kept[past];
      }
    }
    for (int index : draw.at(0).at(0).sample(size, size - at)) {
      drawn[at++] = index;
    }
    int[] mixed = new int[size];
    int[] shuffle = draw.at(-1).permutation(size);
    for (int i = 0; i < size; i++) {
      mixed[i] = drawn[shuffle[i]];
    }
    return mixed;
  }
}
