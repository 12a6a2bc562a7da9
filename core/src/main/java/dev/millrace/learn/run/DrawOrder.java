package dev.millrace.learn.run;

import dev.millrace.stream.ReadAlong;
import dev.millrace.stream.Sampler;
import java.util.Arrays;

/**
 * Which pictures of a chunk, and of what replay keeps, each step draws: pass after pass, each a
 * function of its number, without what does not fill a batch. An epoch of another length than a
 * pass goes on where the one before stopped. Not thread-safe: it keeps the pass that was asked for
 * last.
 */
final class DrawOrder {
  private final Plan plan;
  private final int chunk;
  private final int good;
  private final int[] kept;
  private final int batch;
  private final int stepsPerPass;

  /** Null where a pass draws among all. */
  private final ReadAlong along;

  private int[] order;
  private int orderOf = -1;

  /**
   * @param chunk index of the chunk
   * @param good how many of its pictures are drawn from, at least a batch
   * @param kept pictures kept of each chunk before
   * @param batch pictures of a step
   * @param along in which order they lie; null to draw among all
   */
  DrawOrder(Plan plan, int chunk, int good, int[] kept, int batch, ReadAlong along) {
    this.plan = plan;
    this.chunk = chunk;
    this.good = good;
    this.kept = kept;
    this.batch = batch;
    this.along = along;
    stepsPerPass = good / batch;
  }

  /**
   * A part of a step's batch.
   *
   * @param step over all epochs
   * @param begin the part's first place in the batch
   * @param share places of the part
   * @return places in the pool that is the chunk followed by what is kept
   */
  int[] batch(int step, int begin, int share) {
    int pass = step / stepsPerPass;
    if (pass != orderOf) {
      int[] drawn = Sampler.epoch(plan.seed(), chunk, pass, good, kept, plan.mix(), batch);
      order = along == null ? drawn : along.along(drawn, plan.seed(), chunk, pass);
      orderOf = pass;
    }
    int first = step % stepsPerPass * batch + begin;
    return Arrays.copyOfRange(order, first, first + share);
  }
}
