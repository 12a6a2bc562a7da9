package dev.millrace.learn.run;

/** The loss is no longer a finite number; the last checkpoint is from before that. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names the step and what may help. */
  DivergedException(double loss, Position at, double lr) {
    super(
        "the loss is %s at step %d (chunk %d, epoch %d) with learning rate %.4g; the last checkpoint is intact: start a new run with a lower --lr or a longer --warmup"
            .formatted(loss, at.total(), at.chunk(), at.epoch(), lr));
  }
}
