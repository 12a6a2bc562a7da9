package dev.millrace.learn.run;

import dev.millrace.stream.Sampler;

/**
 * How long and how a run trains.
 *
 * @param seed the run's seed
 * @param epochs epochs a chunk, at least 1
 * @param batch pictures a step, at least 2
 * @param lr peak learning rate of each chunk
 * @param warmup epochs of linear warm-up at each chunk's start, below epochs
 * @param mix how replay is drawn
 * @param maxBad share of a chunk's pictures that may fail to decode, in [0, 1]
 * @param checkpointSteps steps between checkpoints, at least 1
 * @param checkpointSeconds seconds after which a checkpoint is due, whatever the steps
 * @param workers threads that make views beside the training thread, at least 1
 * @param checkers threads that check a chunk's pictures before it is trained on, at least 1
 * @param cacheBytes pixels and encoded bytes kept in memory
 */
public record Plan(
    long seed,
    int epochs,
    int batch,
    double lr,
    double warmup,
    Sampler.Mix mix,
    double maxBad,
    int checkpointSteps,
    double checkpointSeconds,
    int workers,
    int checkers,
    long cacheBytes) {
  /** Refuses values outside their ranges. */
  public Plan {
    require(epochs >= 1, "--epochs " + epochs + " is below 1");
    require(
        batch >= 2,
        "--batch " + batch + " is below 2; batch normalisation needs at least 2 pictures");
    require(lr > 0 && lr < Double.POSITIVE_INFINITY, "--lr " + lr + " is not above 0");
    require(
        warmup >= 0 && warmup < epochs, "--warmup " + warmup + " is not in 0 … --epochs " + epochs);
    require(maxBad >= 0 && maxBad <= 1, "--max-bad " + maxBad + " is not a share in 0 … 1");
    require(checkpointSteps >= 1, "--checkpoint-steps " + checkpointSteps + " is below 1");
    require(workers >= 1, "view workers " + workers + " are below 1");
    require(checkers >= 1, "check threads " + checkers + " are below 1");
  }

  /**
   * Refuses a chunk too small for one step.
   *
   * @param pictures the chunk's good pictures
   */
  public void requireBatch(int pictures, int chunk, String name) {
    require(
        pictures >= batch,
        "--batch %d is more than the %d pictures of chunk %d (%s); use --batch %d or less"
            .formatted(batch, pictures, chunk, name, pictures));
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
