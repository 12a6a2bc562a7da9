package dev.millrace.recipe;

import dev.millrace.learn.method.Dino;
import dev.millrace.learn.method.Mae;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.remedy.Cassle;
import dev.millrace.learn.remedy.Cla;
import dev.millrace.learn.remedy.Lump;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.learn.remedy.Replay;
import dev.millrace.learn.run.Plan;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import java.util.List;
import java.util.Map;

/**
 * Settings that nothing of a run looks at, by what else was chosen: who changed one of them expects
 * another run than is made. Only as a run begins, and only what is not as usual: one that an older
 * version began goes on.
 */
final class WithoutEffect {
  private WithoutEffect() {}

  /**
   * Refuses them one by one.
   *
   * @param run as it begins, with what was left to its method decided
   * @throws UsageException naming the flag, the reason and the mend
   */
  static void check(Settings run) {
    for (RemedySettings remedy : run.remedies()) {
      if (remedy instanceof Replay.Settings && has(run, Lump.Settings.class)) {
        requireUsual(run, "replay-draw", "draws pictures into batches, and --lump mixes them in");
      }
      int batch = run.training().batch();
      if (remedy instanceof Replay.Settings replay && !replay.draw().reachesThePast(batch)) {
        requireUsual(run, "replay-draw", "of a --batch of %d is no picture".formatted(batch));
      }
      if (remedy instanceof Cla.Settings cla && cla.form() == Cla.Form.R) {
        requireUsual(
            run, "cla-momentum", "is of a moving average, and --cla-form r stores embeddings");
      }
      if (remedy instanceof Cassle.Settings cassle) {
        Cassle.Form form = RemedyNeeds.decided(cassle, run).form();
        if (form != Cassle.Form.CONTRASTIVE) {
          requireUsual(
              run,
              "cassle-temperature",
              "is of --cassle-form contrastive, and the form beside --method %s is %s"
                  .formatted(run.methodName(), RemedyNeeds.form(run)));
        }
      }
    }
    TrainingSettings.Optimisation optimiser = run.training().optimiser();
    if (optimiser != TrainingSettings.Optimisation.LARS) {
      requireUsual(run, "eta-lars", "is of --optimiser lars, and it is " + Knobs.word(optimiser));
    }
    if (optimiser != TrainingSettings.Optimisation.ADAMW) {
      requireUsual(
          run, "adamw-betas", "are of --optimiser adamw, and it is " + Knobs.word(optimiser));
    }
    if (run.data().sets().size() == 1) {
      requireUsual(run, "own-classes", "is of several sets, and --data names one");
    }
    StreamOrder order = run.stream().order();
    if (order.atOnce() || order.bySet()) {
      requireUsual(
          run,
          "order-square",
          "is of streams whose order is drawn, and --stream %s has %s"
              .formatted(order.word(), order.atOnce() ? "one chunk" : "that of --data"));
    }
    if (run.method() instanceof MoCoV2.Settings moco) {
      requireSplits(run, moco.bnSplits());
    }
    if (run.method() instanceof Dino.Settings dino && dino.teacherWarmup() == 0) {
      requireUsual(
          run, "teacher-start", "is where the rise begins, and --teacher-warmup 0 has none");
    }
    if (run.method().keepsColours()) {
      for (String name : List.of("jitter", "jitter-probability", "grey-probability")) {
        requireUsual(
            run, name, "changes colours, which --method " + run.methodName() + " leaves alone");
      }
    }
    if (run.method() instanceof Mae.Settings || run.method() instanceof SupervisedSettings) {
      requireOneView(run, "blur-probability", run.views().blurProbability());
      requireOneView(run, "solarise", run.views().solarise());
    }
  }

  /** Keys of a batch that is normalised in parts are split within each of them. */
  private static void requireSplits(Settings run, int splits) {
    int parts = run.training().normParts();
    int most = run.training().batch() / parts / Plan.LEAST;
    if (parts > 1 && splits > 1 && splits > most) {
      throw UsageException.of(
          "--bn-splits",
          "%d leaves fewer than 2 pictures of each of the %d parts of --batch %d that %s normalises by themselves; %s"
              .formatted(
                  splits,
                  parts,
                  run.training().batch(),
                  run.machine().ranks() > 1 ? "--ranks" : "--norm-parts",
                  most > 1 ? "expected 1 to " + most : "leave it out"));
    }
  }

  private static boolean has(Settings run, Class<?> remedy) {
    return run.remedies().stream().anyMatch(remedy::isInstance);
  }

  private static void requireUsual(Settings run, String name, String reason) {
    Map<String, Object> usual =
        Settings.defaults().with(NamedSettings.METHOD, run.methodName()).asMap();
    Object value = run.asMap().get(name);
    if (!value.equals(usual.get(name))) {
      throw UsageException.of("--" + name, "%s %s; leave it out".formatted(value, reason));
    }
  }

  private static void requireOneView(Settings run, String name, List<Double> given) {
    if (given.size() >= Views.WHOLE) {
      throw UsageException.of(
          "--" + name,
          "%s has a value for a second view, and --method %s sees one of each picture; give the first alone"
              .formatted(given, run.methodName()));
    }
  }
}
