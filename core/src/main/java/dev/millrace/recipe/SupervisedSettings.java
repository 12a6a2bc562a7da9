package dev.millrace.recipe;

import dev.millrace.learn.method.MethodSettings;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * Pre-training by labels, as a comparison. Immutable.
 *
 * @param mlp whether a hidden layer of the encoder's width stands before the classifier: {@code
 *     supervised-mlp}
 * @param head what the classifier spans; a run's own file names it
 * @param headWarmup epochs of linear warm-up, at least, of a chunk after the first that starts with
 *     a new head; at most half of its epochs
 */
public record SupervisedSettings(
    boolean mlp,
    @Knob(
            "supervised methods: full (one head over all classes), chunk (a new one with each chunk, over its own classes), new (a new one over all), or auto: chunk where no class is in two chunks and each has two or more, else full")
        Head head,
    @Knob(
            "epochs of linear warm-up, at least, of a chunk after the first that starts with a new head")
        double headWarmup)
    implements MethodSettings {
  /** What the classifier spans. */
  public enum Head {
    /** {@link #CHUNK} where no class is in two chunks and each has two or more, else full. */
    AUTO,
    /** One head over all classes of the stream. */
    FULL,
    /** A new head with each chunk, over the chunk's own classes. */
    CHUNK,
    /** Over all classes, and drawn anew with each chunk. */
    NEW
  }

  /** Refuses values outside their ranges. */
  public SupervisedSettings {
    Require.component(
        headWarmup >= 0 && headWarmup < Double.POSITIVE_INFINITY,
        "headWarmup",
        headWarmup + " is below 0 epochs");
  }

  /** A linear classifier. */
  public static SupervisedSettings linear() {
    return new SupervisedSettings(false, Head.AUTO, 1);
  }

  /** With a hidden layer before the classifier. */
  public static SupervisedSettings withMlp() {
    return new SupervisedSettings(true, Head.AUTO, 1);
  }

  /** With another head. */
  public SupervisedSettings head(Head head) {
    return new SupervisedSettings(mlp, head, headWarmup);
  }

  /** With another warm-up of a new head. */
  public SupervisedSettings headWarmup(double headWarmup) {
    return new SupervisedSettings(mlp, head, headWarmup);
  }
}
