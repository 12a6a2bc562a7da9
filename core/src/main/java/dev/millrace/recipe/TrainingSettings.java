package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.setting.Knobs;
import java.util.List;
import java.util.Map;

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
 * @param etaLars the share of a tensor's norm that LARS holds its steps to, above 0; other
 *     optimisers have none
 * @param adamwBetas the two shares that AdamW's averages keep, of gradients and of their squares,
 *     in [0, 1); empty for 0.9 and 0.999
 * @param normParts parts of a batch that are normalised each by itself, at least 1
 * @param syncBatchnorm whether batches are normalised over the rows of all ranks, not in parts
 * @param epochImages pictures that an epoch draws, whatever the chunk has: passes over the chunk go
 *     on over the borders of epochs; 0 for as many as the chunk has
 */
public record TrainingSettings(
    @Knob("epochs per chunk") int epochs,
    @Knob("pictures per step (batch size)") int batch,
    @Knob(
            "learning rate: the constant of --schedule wsd, or of restart and cosine the peak from which it falls, whose default is twice this")
        double lr,
    @Knob("epochs of linear warm-up: of each chunk (--schedule restart), else of the first")
        double warmup,
    @Knob("sgd (momentum 0.9), lars, or adamw, which transformers need") Optimisation optimiser,
    @Knob("weight decay") double weightDecay,
    @Knob(value = "lars: share of a tensor's norm that its steps are held to", neutral = "0.02")
        double etaLars,
    @Knob(
            value =
                "adamw: shares that its averages of gradients and of their squares keep, such as 0.9,0.95 (default: 0.9,0.999)",
            neutral = "[]")
        List<Double> adamwBetas,
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
    /** Holds each tensor's step to a share of its norm. */
    LARS,
    /** Adam with decoupled weight decay. */
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
    Require.positive(etaLars, "etaLars");
    adamwBetas = List.copyOf(adamwBetas);
    Require.component(
        adamwBetas.isEmpty()
            || adamwBetas.size() == 2
                && adamwBetas.stream().allMatch(beta -> beta >= 0 && beta < 1),
        "adamwBetas",
        adamwBetas + " is not two shares in [0, 1), such as 0.9,0.95");
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
    return with("epochs", epochs);
  }

  /** With this many pictures per step. */
  public TrainingSettings batch(int batch) {
    return with("batch", batch);
  }

  /** With another learning rate. */
  public TrainingSettings lr(double lr) {
    return with("lr", lr);
  }

  /** With another warm-up. */
  public TrainingSettings warmup(double warmup) {
    return with("warmup", warmup);
  }

  /** With another optimiser. */
  public TrainingSettings optimiser(Optimisation optimiser) {
    return with("optimiser", optimiser);
  }

  /** With this many parts of a batch that are normalised each by itself. */
  public TrainingSettings normParts(int normParts) {
    return with("norm-parts", normParts);
  }

  /** With batches normalised over the rows of all ranks, or in parts. */
  public TrainingSettings syncBatchnorm(boolean syncBatchnorm) {
    return with("sync-batchnorm", syncBatchnorm);
  }

  /** With epochs that draw so many pictures; 0 for as many as the chunk has. */
  public TrainingSettings epochImages(int epochImages) {
    return with("epoch-images", epochImages);
  }

  /** With another weight decay. */
  public TrainingSettings weightDecay(double weightDecay) {
    return with("weight-decay", weightDecay);
  }

  /** With another share of LARS. */
  public TrainingSettings etaLars(double etaLars) {
    return with("eta-lars", etaLars);
  }

  /** With other averages of AdamW; none for its own. */
  public TrainingSettings adamwBetas(List<Double> adamwBetas) {
    return with("adamw-betas", adamwBetas);
  }

  private TrainingSettings with(String knob, Object value) {
    return Knobs.with(this, "", Map.of(knob, value));
  }
}
