package dev.millrace.learn.run;

import dev.millrace.stream.ChunkWords;

/** Training left the finite numbers; the last checkpoint is from before that. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** State that an update spoiled, found before it is saved. */
  DivergedException(String state, Position at) {
    super(
        "%s is no longer finite after step %d (%s, epoch %d) and is not saved; the last checkpoint is intact: start a new run with a lower --lr or a longer --warmup"
            .formatted(state, at.total(), ChunkWords.of(at.chunk()), at.epoch() + 1));
  }

  /** Names the step and what may help. */
  DivergedException(double loss, Position at, double lr) {
    super(
        "the loss is %s at step %d (%s, epoch %d) with learning rate %.4g; the last checkpoint is intact: start a new run with a lower --lr or a longer --warmup"
            .formatted(loss, at.total(), ChunkWords.of(at.chunk()), at.epoch() + 1, lr));
  }
}
