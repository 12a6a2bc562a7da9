package dev.millrace.learn.run;

import dev.millrace.learn.network.Moment;
import dev.millrace.learn.remedy.Passes;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Puts the mean of the trunk's last weights in the place of the network's, with statistics of
 * normalisations taken from batches of the chunk and of what replay keeps beside it, as further
 * epochs would have them. All ranks do it together, each with its part of a batch.
 */
final class Merging {
  /** Batches that statistics are taken from, at most. */
  private static final int MOST = 100;

  /** At least as many, though an epoch has fewer: views of a further epoch are others. */
  private static final int LEAST = 20;

  private final Pretraining.Parts parts;
  private final BooleanSupplier stop;

  /**
   * @param stop asked between batches; true in any rank ends it in all
   */
  Merging(Pretraining.Parts parts, BooleanSupplier stop) {
    this.parts = parts;
    this.stop = stop;
  }

  /**
   * Changes the network.
   *
   * @param position after the chunk's last step
   * @return pictures that went through the network for that; empty where a stop was asked for, and
   *     the caller restores network and method
   */
  Optional<Passes> into(OpenChunk open, Position position) throws IOException {
    parts.mean().into(parts.network());
    int steps = open.steps();
    int many = Math.max(LEAST, Math.min(MOST, open.stepsPerEpoch()));
    FreshStatistics statistics = new FreshStatistics(parts.learner(), open.plan().synchronised());
    try (OpenChunk.Batches batches = open.batches(steps, steps + many)) {
      Optional<Passes> passed =
          statistics.take(
              many,
              batch ->
                  parts
                      .remedies()
                      .mix(
                          batches.take(),
                          batches.remembered(),
                          new Moment(
                              position.chunk(),
                              (steps + batch) / open.stepsPerEpoch(),
                              steps + batch,
                              steps,
                              position.total(),
                              0,
                              open.isFirst(position))),
              () -> parts.ranks().any(stop.getAsBoolean()));
      if (passed.filter(any -> any.all() > 0).isPresent()) {
        parts.ranks().spread(parts.network().statistics().flat());
      }
      return passed;
    }
  }
}
