package dev.millrace.recipe;

import dev.millrace.learn.method.Learner;
import dev.millrace.learn.run.Course;
import dev.millrace.learn.run.Plan;
import dev.millrace.learn.run.WeightMean;
import dev.millrace.recipe.ScheduleSettings.Anchor;
import dev.millrace.recipe.ScheduleSettings.MergeForm;
import dev.millrace.recipe.ScheduleSettings.Published;
import dev.millrace.recipe.ScheduleSettings.Rule;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How the learning rate goes from chunk to chunk, from a run's settings. */
final class Courses {
  private Courses() {}

  /**
   * Refuses what the schedule has no use for.
   *
   * @throws IllegalArgumentException naming the flag and the mend
   */
  static void check(Settings settings) {
    ScheduleSettings given = settings.schedule();
    if (given.endless()) {
      boolean merged = given.publish() == Published.MERGE;
      requireUsual(
          given, merged ? List.of("decay") : List.of("merge-window", "merge-form"), merged);
      return;
    }
    Map<String, Object> usual = Knobs.values(ScheduleSettings.standard().rule(given.rule()), "");
    Knobs.values(given, "")
        .forEach(
            (name, value) -> {
              if (!value.equals(usual.get(name))) {
                throw UsageException.of(
                    "--" + name,
                    "%s is of --schedule wsd, and --schedule is %s; give --schedule wsd, or leave --%s out"
                        .formatted(value, Knobs.word(given.rule()), name));
              }
            });
  }

  /** Of a trunk: what a branch needs is of no use to a mean, and the other way round. */
  private static void requireUsual(ScheduleSettings given, List<String> names, boolean merged) {
    Map<String, Object> usual = Knobs.values(ScheduleSettings.standard(), "");
    Map<String, Object> values = Knobs.values(given, "");
    String other = merged ? "branch" : "merge";
    for (String name : names) {
      if (!values.get(name).equals(usual.get(name))) {
        throw UsageException.of(
            "--" + name,
            "%s is of --publish %s, and --publish is %s; give --publish %s, or leave --%s out"
                .formatted(values.get(name), other, Knobs.word(given.publish()), other, name));
      }
    }
  }

  /** How a chunk is learned; {@code chunks} tells how long the whole stream is. */
  static Course of(Settings settings, int chunk, RunChunks chunks) {
    return switch (settings.schedule().rule()) {
      case WSD -> endless(settings.schedule(), again(settings, chunk));
      case COSINE -> cosine(settings, chunk, chunks);
      case RESTART -> new Course.Restart();
    };
  }

  private static double again(Settings settings, int chunk) {
    return HeadSetting.again(settings.ofChunk(chunk), chunk);
  }

  private static Course endless(ScheduleSettings own, double again) {
    return new Course.Endless(
        again,
        own.publish() == Published.MERGE
            ? new Course.Merge(own.mergeWindow(), own.mergeForm() == MergeForm.EXPONENTIAL)
            : new Course.Branch(own.decay()),
        own.anchor() == Anchor.PUBLISHED ? Course.Anchor.PUBLISHED : Course.Anchor.TRUNK);
  }

  private static Course cosine(Settings settings, int chunk, RunChunks chunks) {
    long before = 0;
    long total = 0;
    for (int c = 0; c < chunks.count(); c++) {
      before += c < chunk ? planned(settings, c, chunks) : 0;
      total += planned(settings, c, chunks);
    }
    return new Course.Cosine(
        again(settings, chunk), before, planned(settings, chunk, chunks), total);
  }

  /** Steps of a chunk if none of its pictures is bad; at least one per epoch. */
  private static long planned(Settings settings, int chunk, RunChunks chunks) {
    Plan plan = PartSettings.plan(settings.ofChunk(chunk), chunk);
    return (long) plan.epochs() * plan.stepsPerEpoch(chunks.entries().get(chunk).images());
  }

  /** What is published where that is a mean; null elsewhere. The caller closes it. */
  static WeightMean mean(Settings settings, Learner learner) {
    return settings.schedule().endless() && settings.schedule().publish() == Published.MERGE
        ? new WeightMean(learner.network())
        : null;
  }

  /**
   * What a chunk of an extension has to itself: a trunk goes on at the rate of the last chunk.
   *
   * @param given by flag name
   * @return to be changed by the caller
   */
  static Map<String, Object> goneOn(Settings settings, Map<String, Object> given) {
    Map<String, Object> own = new TreeMap<>(given);
    Object last = ChunkSettings.of(settings, settings.stream().chunks() - 1).get("lr");
    if (settings.schedule().endless() && last != null) {
      own.putIfAbsent("lr", last);
    }
    return own;
  }

  /**
   * Refuses to extend a run whose schedule does not go on.
   *
   * @param own the new chunk's settings, by flag name
   */
  static void requireExtensible(Settings settings, Map<String, Object> own) {
    Rule rule = settings.schedule().rule();
    if (rule == Rule.COSINE) {
      throw new IllegalArgumentException(
          "the run was learned by --schedule cosine, whose rate fell to 0 with its stream; extend a run of --schedule wsd or restart, or begin a new run over all sets");
    }
    if (rule == Rule.WSD && own.containsKey("warmup") && !HeadSetting.isFresh(settings)) {
      throw UsageException.of(
          "--warmup",
          "%s: a run of --schedule wsd warms up once, in its first chunk; leave it out"
              .formatted(own.get("warmup")));
    }
  }
}
