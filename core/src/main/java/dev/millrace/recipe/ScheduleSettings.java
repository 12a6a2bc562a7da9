package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * How the learning rate goes from chunk to chunk, and what a chunk publishes. All but the rule are
 * only of {@link Rule#WSD}; of these the decay only of branches, and what begins with merge only of
 * means.
 *
 * <p>A stream that never ends has no last step that a rate could fall towards. So one network, the
 * trunk, learns on at a constant rate over all chunks, and nothing of it is shaken as one begins.
 * What a chunk hands out is made beside the trunk, from its last weights, as if the stream ended
 * there. Immutable.
 *
 * @param rule of the rate
 * @param decay share of a chunk's steps that its branch makes while the rate falls, in (0, 1]
 * @param publish what a chunk publishes
 * @param mergeWindow share of a chunk's steps that a mean reaches back, in (0, 1]
 * @param mergeForm how a mean weighs steps
 * @param anchor what remedies take to be what a chunk left
 */
public record ScheduleSettings(
    @Knob(
            name = "schedule",
            neutral = "restart",
            value =
                "of the learning rate, how far a step moves the weights: wsd (warm-up once, then constant over all chunks, so that a stream need not end; the network that learns on so is the trunk), restart (it falls to 0 in each chunk, by a cosine), or cosine (it falls to 0 once, over a stream that ends)")
        Rule rule,
    @Knob(
            neutral = "0.1",
            value =
                "--publish branch: share of a chunk's steps that the branch makes while the rate falls to 0; the trunk makes them itself when the stream goes on")
        double decay,
    @Knob(
            neutral = "branch",
            value =
                "wsd: what a chunk publishes: merge (the mean of the trunk's last weights, without a step more), or branch (a copy of the trunk on which the rate falls to 0)")
        Published publish,
    @Knob(
            neutral = "0.1",
            value = "--publish merge: share of a chunk's steps that the mean reaches back")
        double mergeWindow,
    @Knob(
            neutral = "uniform",
            value = "--publish merge: uniform, or exponential (older steps count less)")
        MergeForm mergeForm,
    @Knob(
            neutral = "trunk",
            value =
                "wsd: what remedies hold on to: the trunk as it was at the chunk's end, or the encoder that was published")
        Anchor anchor) {
  /** The rules there are. */
  public enum Rule {
    /** A cosine to 0 in every chunk; what older runs do that name no rule. */
    RESTART,
    /** Warm-up once, then a constant; where a branch is published, the rate falls on that. */
    WSD,
    /** One cosine over a stream of known length, which cannot be extended. */
    COSINE
  }

  /** How a chunk's encoder is made from a trunk at a constant rate. */
  public enum Published {
    /** By a copy of the trunk on which the rate falls to 0. */
    BRANCH,
    /** By the mean of the trunk's last weights. */
    MERGE
  }

  /** How a mean weighs steps. */
  public enum MergeForm {
    /** All alike. */
    UNIFORM,
    /** The older the less. */
    EXPONENTIAL
  }

  /** Which network remedies take to be what a chunk left. */
  public enum Anchor {
    /** The trunk, after all of the chunk's steps. */
    TRUNK,
    /** What the chunk published. */
    PUBLISHED
  }

  /** Refuses values outside their ranges. */
  public ScheduleSettings {
    Require.component(decay > 0 && decay <= 1, "decay", decay + " is not a share in (0, 1]");
    Require.component(
        mergeWindow > 0 && mergeWindow <= 1,
        "mergeWindow",
        mergeWindow + " is not a share in (0, 1]");
  }

  /** A constant rate, whose chunks publish means of the last weights. */
  static ScheduleSettings standard() {
    return new ScheduleSettings(
        Rule.WSD, 0.1, Published.MERGE, 0.1, MergeForm.UNIFORM, Anchor.TRUNK);
  }

  /** Without a trunk there is no mean: such runs say {@code branch}, and have none. */
  private static Published usual(Rule rule) {
    return rule == Rule.WSD ? Published.MERGE : Published.BRANCH;
  }

  /** Whether a trunk goes on from chunk to chunk. */
  boolean endless() {
    return rule == Rule.WSD;
  }

  /**
   * Whether the stream, when it goes on, first makes the last steps of a published chunk on the
   * trunk, for which it needs that chunk's pictures once more.
   */
  public boolean goesBack() {
    return endless() && publish == Published.BRANCH;
  }

  /**
   * By another rule; publishing as is usual under it, where that was usual under the former: choose
   * what is published afterwards.
   */
  public ScheduleSettings rule(Rule rule) {
    Published publish = this.publish == usual(this.rule) ? usual(rule) : this.publish;
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }

  /** With a branch of another length. */
  public ScheduleSettings decay(double decay) {
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }

  /** Publishing otherwise. */
  public ScheduleSettings publish(Published publish) {
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }

  /** With a mean over more or fewer steps. */
  public ScheduleSettings mergeWindow(double mergeWindow) {
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }

  /** With a mean that weighs steps otherwise. */
  public ScheduleSettings mergeForm(MergeForm mergeForm) {
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }

  /** With other anchors. */
  public ScheduleSettings anchor(Anchor anchor) {
    return new ScheduleSettings(rule, decay, publish, mergeWindow, mergeForm, anchor);
  }
}
