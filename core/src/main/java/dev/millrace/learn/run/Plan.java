package dev.millrace.learn.run;

import dev.millrace.learn.optim.Schedule;
import dev.millrace.refusal.Require;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.Sampler;
import dev.millrace.vision.decode.PictureCheck;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How long and how a run trains.
 *
 * @param seed the run's seed
 * @param epochs epochs a chunk, at least 1
 * @param epochImages pictures that an epoch draws, at least a batch; 0 for as many as the chunk has
 * @param batch pictures per step, at least 2; a smaller chunk is one step
 * @param parts of a batch, each normalised by itself; at least 1
 * @param synchronised whether batches are normalised over the rows of all ranks
 * @param lr learning rate: the constant, or the peak from which it falls
 * @param warmup epochs of linear warm-up, below epochs: at each chunk's start, or at the first's
 *     alone, as the course has it
 * @param course how the rate goes over a chunk, and what the chunk publishes
 * @param mix how replay is drawn
 * @param maxBad share of a chunk's pictures that may fail to decode, in [0, 1]
 * @param checkpointSteps steps between checkpoints, at least 1
 * @param checkpointSeconds seconds after which a checkpoint is due, whatever the steps
 * @param workers threads that make views beside the training thread, at least 1
 * @param checkers threads that check a chunk's pictures before it is trained on, at least 1
 * @param cacheBytes pixels and encoded bytes kept in memory
 * @param check when a chunk's pictures are decoded to find the bad ones
 * @param shuffleBuffer pictures among which the next is drawn where a chunk is read as it lies; 0
 *     to draw among all
 */
public record Plan(
    long seed,
    int epochs,
    int epochImages,
    int batch,
    int parts,
    boolean synchronised,
    double lr,
    double warmup,
    Course course,
    Sampler.Mix mix,
    double maxBad,
    int checkpointSteps,
    double checkpointSeconds,
    int workers,
    int checkers,
    long cacheBytes,
    WhenChecked check,
    int shuffleBuffer) {
  /** Pictures of a step at least: batch normalisation needs two. */
  public static final int LEAST = 2;

  /** With a cosine to 0 in every chunk, and batches normalised as a whole. */
  public Plan(
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
    this(
        seed,
        epochs,
        0,
        batch,
        1,
        false,
        lr,
        warmup,
        new Course.Restart(),
        mix,
        maxBad,
        checkpointSteps,
        checkpointSeconds,
        workers,
        checkers,
        cacheBytes,
        WhenChecked.AUTO,
        0);
  }

  /** Refuses values outside their ranges. */
  public Plan {
    Require.flag(epochs >= 1, "--epochs", epochs + " is below 1");
    Require.flag(
        batch >= LEAST,
        "--batch",
        batch + " is below 2; batch normalisation needs at least 2 pictures");
    Require.flag(
        epochImages == 0 || epochImages >= batch,
        "--epoch-images",
        epochImages + " is less than --batch " + batch + "; 0 draws as many as the chunk has");
    Require.flag(parts >= 1, "--norm-parts", parts + " is below 1");
    Require.flag(lr > 0 && lr < Double.POSITIVE_INFINITY, "--lr", lr + " is not above 0");
    Require.flag(
        warmup >= 0 && warmup < epochs, "--warmup", warmup + " is not in 0 … --epochs " + epochs);
    Require.flag(maxBad >= 0 && maxBad <= 1, "--max-bad", maxBad + " is not a share in 0 … 1");
    Require.flag(checkpointSteps >= 1, "--checkpoint-steps", checkpointSteps + " is below 1");
    Require.that(workers >= 1, "view workers " + workers + " are below 1");
    Require.that(checkers >= 1, "check threads " + checkers + " are below 1");
  }

  /**
   * Refuses a chunk of which too many pictures are bad.
   *
   * @param chunk its index, counted from 0
   * @param pictures of the chunk, bad ones included
   * @param list where the whole list of bad pictures is found
   * @param again the command that goes on after a mend
   */
  public void requireGood(
      int chunk, String name, int pictures, List<PictureCheck.Bad> bad, String list, String again) {
    double enough = Math.min(1, Math.ceil(100.0 * bad.size() / Math.max(1, pictures)) / 100);
    Require.that(
        bad.size() <= maxBad * pictures,
        "%d of the %d pictures of %s cannot be decoded, more than --max-bad %s allows: %s; %s. Mend or remove them and run %s, or leave them out: add --max-bad %s to it"
            .formatted(
                bad.size(),
                pictures,
                ChunkWords.of(chunk, name),
                maxBad,
                bad.stream()
                    .limit(3)
                    .map(one -> one.id() + " (" + one.reason() + ")")
                    .collect(Collectors.joining(", ")),
                list,
                again,
                enough));
  }

  /**
   * The rate over the steps of a chunk.
   *
   * @param stepsPerEpoch of the chunk
   * @param first whether it is the first chunk that is learned
   */
  Schedule schedule(int stepsPerEpoch, boolean first, Position.Part part) {
    int steps = epochs * stepsPerEpoch;
    int rising = (int) Math.round(course.warmup(warmup, first) * stepsPerEpoch);
    return course.schedule(lr, Math.min(rising, steps - 1), steps, part);
  }

  /**
   * Pictures of each step of a chunk: a chunk smaller than a batch is learned in one step per
   * epoch.
   *
   * @param good the chunk's good pictures
   * @return below {@link #LEAST} if the chunk cannot be learned
   */
  public int batchOf(int good) {
    return Math.min(batch, good);
  }

  /**
   * Steps of each epoch of a chunk; what does not fill a batch is left out. Where an epoch has a
   * length, a chunk smaller than a batch has as many steps as others.
   *
   * @param good the chunk's good pictures, at least 1
   */
  public int stepsPerEpoch(int good) {
    return epochImages == 0 ? good / batchOf(good) : epochImages / batch;
  }
}
