package dev.millrace.stream;

import dev.millrace.draw.Draw;
import java.util.Arrays;

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
    /**
     * Every chunk seen so far gets the same share of the epoch; a small memory repeats. The later
     * the chunk, the less of an epoch is new.
     */
    BALANCED,
    /**
     * Half of every batch, rounded down, is of past chunks, which share it as in balanced replay;
     * the rest is of the chunk itself. A late chunk is learned as well as an early one.
     */
    HALF(2),
    /** As {@link #HALF}, with a quarter of every batch for the past. */
    QUARTER(4),
    /** As {@link #HALF}, with an eighth of every batch for the past. */
    EIGHTH(8);

    /** One picture of so many in a batch is of the past; 0 where no batch is held to a share. */
    private final int oneOf;

    Mix() {
      this(0);
    }

    Mix(int oneOf) {
      this.oneOf = oneOf;
    }

    /** Whether batches of so many can have a picture of the past. */
    public boolean reachesThePast(int batch) {
      return !holdsEveryBatch() || past(batch) > 0;
    }

    private boolean holdsEveryBatch() {
      return oneOf > 0;
    }

    /** Pictures of the past in a batch of so many. */
    private int past(int batch) {
      return batch / oneOf;
    }
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
   * @param batch pictures per step, at least 1; batches are neighbours in the order
   * @return {@code size} indices into the pool
   */
  public static int[] epoch(
      long seed, int chunk, int epoch, int size, int[] kept, Mix mix, int batch) {
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
    int[] old =
        mix.holdsEveryBatch()
            ? old(draw, past(size, mix, batch), memories, size, kept)
            : old(draw, size, memories + 1, size, kept);
    int[] own = draw.at(0).at(0).sample(size, size - old.length);
    return mix.holdsEveryBatch()
        ? byBatches(draw, own, old, mix, batch)
        : shuffled(draw.at(-1), old, own);
  }

  /** Draws of an epoch that are of the past, where each batch has its share of them. */
  private static int past(int size, Mix mix, int batch) {
    return size / batch * mix.past(batch) + mix.past(size % batch);
  }

  /**
   * Pool indices of the memories, one memory after another: each has one of this many equal shares
   * of so many draws.
   */
  private static int[] old(Draw draw, int draws, int shares, int size, int[] kept) {
    int[] drawn = new int[draws];
    int at = 0;
    int offset = size;
    int share = 1;
    for (int past = 0; past < kept.length; past++) {
      if (kept[past] > 0) {
        // Cumulative rounding: the shares differ by one at most and sum to the epoch.
        int until = (int) ((long) draws * share++ / shares);
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
    return Arrays.copyOf(drawn, at);
  }

  private static int[] shuffled(Draw draw, int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return Arrays.stream(draw.permutation(all.length)).map(i -> all[i]).toArray();
  }

  private static int[] byBatches(Draw draw, int[] own, int[] old, Mix mix, int batch) {
    int size = own.length + old.length;
    int[] mixedOld = shuffled(draw.at(-1), old, new int[0]);
    int[] order = new int[size];
    int ownAt = 0;
    int oldAt = 0;
    for (int from = 0; from < size; from += batch) {
      int many = Math.min(batch, size - from);
      int past = mix.past(many);
      int[] oldOnes = Arrays.copyOfRange(mixedOld, oldAt, oldAt + past);
      int[] ownOnes = Arrays.copyOfRange(own, ownAt, ownAt + many - past);
      oldAt += oldOnes.length;
      ownAt += ownOnes.length;
      System.arraycopy(
          shuffled(draw.at(-2).at(from / batch), oldOnes, ownOnes), 0, order, from, many);
    }
    return order;
  }
}
