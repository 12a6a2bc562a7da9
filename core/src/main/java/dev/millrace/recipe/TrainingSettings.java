package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * How long and how fast a chunk is learned. Immutable. Some encoders have other defaults of rate,
 * warm-up, optimiser and decay ({@link Encoders}).
 *
 * @param epochs epochs per chunk, at least 1
 * @param batch pictures per step
 * @param lr peak learning rate, above 0; {@link ScheduleSettings} say how it goes from there
 * @param warmup epochs of linear warm-up: of each chunk, or of the first, as the schedule has it
 * @param optimiser what turns gradients into steps
 * @param weightDecay on every weight; under LARS and AdamW on the weights of layers only, not on
 *     biases, normalisations, the class token and positions; at least 0
 * @param normParts parts of a batch that are normalised each by itself, at least 1
 * @param syncBatchnorm whether batches are normalised over the rows of all ranks, not in parts
 * @param epochImages pictures that an epoch draws, whatever the chunk has: passes over the chunk go
 *     on over the borders of epochs; 0 for as many as the chunk has
 */
public record TrainingSettings(
    @Knob("epochs per chunk") int epochs,
    @Knob("pictures per step (batch size)") int batch,
    @Knob("peak learning rate; --schedule says how it goes from there") double lr,
    @Knob("epochs of linear warm-up: of each chunk (--schedule restart), else of the first")
        double warmup,
    @Knob("sgd (momentum 0.9), lars, or adamw, which transformers need") Optimisation optimiser,
    @Knob("weight decay") double weightDecay,
    @Knob(
            value =
                "parts of a batch that are normalised each by itself, as ranks do theirs; 1 stands for --ranks",
            neutral = "1")
        int normParts,
    @Knob(
            value =
                "whether ranks normalise over the whole batch together (SyncBatchNorm), as one process does; slower, see docs/scale.md",
            neutral = "false")
        boolean syncBatchnorm,
    @Knob(
            value =
                "pictures that an epoch draws, so that chunks of all sizes have equal steps; 0: as many as the chunk has",
            neutral = "0")
        int epochImages) {
  private static final int LEAST = 2;

  /** The optimisers there are. */
  public enum Optimisation {
    /** Stochastic gradient descent with momentum 0.9. */
    SGD,
    /** Holds each tensor's step to 0.02 of its norm. */
    LARS,
    /** Adam with decoupled weight decay, β 0.9 and 0.999. */
    ADAMW
  }

  /** Refuses values outside their ranges. */
  public TrainingSettings {
    Require.component(epochs >= 1, "epochs", epochs + " is below 1");
    Require.component(
        batch >= LEAST,
        "batch",
        batch + " is below 2; batch normalisation needs at least 2 pictures");
    Require.positive(lr, "lr");
    Require.component(
        warmup >= 0 && warmup < epochs, "warmup", warmup + " is not in 0 … {epochs} " + epochs);
    Require.component(
        weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY,
        "weightDecay",
        weightDecay + " is below 0");
    Require.component(normParts >= 1, "normParts", normParts + " is below 1");
    Require.component(
        !syncBatchnorm || normParts == 1,
        "syncBatchnorm",
        "true normalises over the whole batch, and {norm-parts} " + normParts + " in parts of it");
    Require.component(
        epochImages == 0 || epochImages >= batch,
        "epochImages",
        epochImages
            + " is less than a batch, {batch} "
            + batch
            + "; 0 draws as many as the chunk has");
  }

  /** With this many epochs. */
  public TrainingSettings epochs(int epochs) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With this many pictures per step. */
  public TrainingSettings batch(int batch) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With another learning rate. */
  public TrainingSettings lr(double lr) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With another warm-up. */
  public TrainingSettings warmup(double warmup) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With another optimiser. */
  public TrainingSettings optimiser(Optimisation optimiser) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With this many parts of a batch that are normalised each by itself. */
  public TrainingSettings normParts(int normParts) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With batches normalised over the rows of all ranks, or in parts. */
  public TrainingSettings syncBatchnorm(boolean syncBatchnorm) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With epochs that draw so many pictures; 0 for as many as the chunk has. */
  public TrainingSettings epochImages(int epochImages) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }

  /** With another weight decay. */
  public TrainingSettings weightDecay(double weightDecay) {
    return new TrainingSettings(
        epochs, batch, lr, warmup, optimiser, weightDecay, normParts, syncBatchnorm, epochImages);
  }
}
