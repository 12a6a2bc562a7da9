package dev.millrace.recipe;

import dev.millrace.learn.method.BarlowTwins;
import dev.millrace.learn.method.LeJepa;
import dev.millrace.learn.method.Mae;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.MoCoV2WithPast;
import dev.millrace.learn.method.NnClr;
import dev.millrace.learn.method.VicReg;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.remedy.Cassle;
import dev.millrace.learn.remedy.CassleLoss;
import dev.millrace.learn.remedy.Cla;
import dev.millrace.learn.remedy.Der;
import dev.millrace.learn.remedy.Ewc;
import dev.millrace.learn.remedy.Lump;
import dev.millrace.learn.remedy.Pfr;
import dev.millrace.learn.remedy.Pnr;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.learn.remedy.Replay;
import dev.millrace.learn.run.Plan;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What remedies need of the rest of a run: of its method, its memory and each other. Refuses, by
 * the flag's name, what cannot be had.
 */
final class RemedyNeeds {
  private RemedyNeeds() {}

  /** No heads; refuses what only the whole of a run's settings can tell. */
  static List<Head> requireMemory(Settings run, Replay.Settings own) {
    boolean minred = own.memory() == Replay.Policy.MINRED;
    if (minred && own.memoryImages() == 0) {
      throw UsageException.of(
          "--memory", "minred holds a number of pictures; give --memory-images 2048, say, as well");
    }
    if (own.memory() == Replay.Policy.SHARE && own.share() == 0) {
      throw UsageException.of(
          "--memory", "share keeps a share of each chunk; give --replay 0.1, say, as well");
    }
    if (minred) {
      for (RemedySettings other : run.remedies()) {
        if (other instanceof Lump.Settings || stores(other)) {
          throw UsageException.of(
              "--memory",
              "minred does not serve --%s; give --memory reservoir or fifo, or leave one of them out"
                  .formatted(RemedyParts.name(other)));
        }
      }
    }
    return List.of();
  }

  /**
   * Refuses remedies that compare features with those of whole pictures beside a method that sees a
   * part of each. Only as a run begins: one that an older version began goes on.
   *
   * @throws UsageException naming the flag and the mend
   */
  static void requireWholePictures(Settings run) {
    if (!(run.method() instanceof Mae.Settings)) {
      return;
    }
    for (RemedySettings remedy : run.remedies()) {
      boolean minred =
          remedy instanceof Replay.Settings own && own.memory() == Replay.Policy.MINRED;
      if (minred || remedy instanceof Pfr.Settings || remedy instanceof Der.Settings) {
        throw UsageException.of(
            minred ? "--memory" : "--" + RemedyParts.name(remedy),
            "%scompares features of the batch with those of whole pictures, and --method mae makes them of the patches that it does not hide; give %s in its place, or another --method"
                .formatted(
                    minred ? "minred " : "",
                    minred ? "reservoir or fifo" : "--ewc, --mas or --replay"));
      }
    }
  }

  /** A run's method as its remedies need it; what it was is closed with it. */
  static Method<?> around(Method<?> method, Settings run, Network network) {
    for (RemedySettings remedy : run.remedies()) {
      if (remedy instanceof Pnr.Settings own && run.method() instanceof MoCoV2.Settings moco) {
        return new MoCoV2WithPast(
            (MoCoV2) method, moco, own.weight(), own.hidden(), network, run.stream().seed());
      }
    }
    return method;
  }

  /**
   * The loss of one who guesses by a method that remedies change, see {@link #around}.
   *
   * @param plain by the method alone
   * @param chunk counted from 0
   */
  static double guess(double plain, Settings run, int chunk) {
    for (RemedySettings remedy : run.remedies()) {
      if (remedy instanceof Pnr.Settings own
          && run.method() instanceof MoCoV2.Settings moco
          && chunk > 0) {
        return MoCoV2WithPast.guess(moco, own.weight());
      }
    }
    return plain;
  }

  /** Whether a remedy keeps something with each remembered picture. */
  static boolean stores(RemedySettings settings) {
    return settings instanceof Der.Settings
        || (settings instanceof Cla.Settings cla && cla.form() == Cla.Form.R);
  }

  /**
   * No heads, of a remedy that needs replayed pictures in its batches.
   *
   * @param stores whether it keeps something with each, and so has to know how many there are
   */
  static List<Head> replayed(Settings settings, String flag, boolean stores) {
    Replay.Settings memory = RemedyParts.replay(settings);
    if (!memory.on() || (stores && memory.memoryImages() == 0)) {
      throw UsageException.of(
          "--" + flag,
          "needs replayed pictures%s; give --memory-images 256%s, or leave it out"
              .formatted(
                  stores ? " of a number that is known beforehand" : "",
                  memory.on() ? " in place of --replay" : ""));
    }
    if (settings.remedies().stream().anyMatch(Lump.Settings.class::isInstance)) {
      throw UsageException.of(
          "--" + flag,
          "needs replayed pictures in its batches, and --lump mixes them into others; leave one of them out");
    }
    return List.of();
  }

  /** The word of CaSSLe's form, decided. */
  static String form(Settings settings) {
    Cassle.Form form =
        cassle(settings).map(own -> decided(own, settings).form()).orElse(Cassle.Form.CONTRASTIVE);
    return form.name().toLowerCase(Locale.ROOT);
  }

  private static Optional<Cassle.Settings> cassle(Settings settings) {
    return settings.remedies().stream()
        .filter(Cassle.Settings.class::isInstance)
        .map(Cassle.Settings.class::cast)
        .findFirst();
  }

  /**
   * CaSSLe's settings with the form that suits the method, where they leave it open: runs that
   * began before it was written down had their weight as it stands.
   */
  static Cassle.Settings decided(Cassle.Settings own, Settings run) {
    if (own.form() != Cassle.Form.AUTO) {
      return own;
    }
    return own.form(
        switch (run.methodName()) {
          case "swav", "dino" -> Cassle.Form.ASSIGNED;
          case "byol", "simsiam", "mae" -> Cassle.Form.PREDICTIVE;
          case "barlow-twins" -> Cassle.Form.DECORRELATIVE;
          case "vicreg", "lejepa" -> Cassle.Form.INVARIANT;
          case "moco-v2", "simclr", "moco-v3", "dcl", "nnclr", "supcon" -> Cassle.Form.CONTRASTIVE;
          case "supervised", "supervised-mlp" -> Cassle.Form.CONTRASTIVE; // refused where wired
          default ->
              throw new IllegalStateException(
                  "no form of CaSSLe is named for the method %s; add it to RemedyNeeds"
                      .formatted(run.methodName()));
        });
  }

  /**
   * A run's settings as it begins: what remedies leave to its method is decided once, and written.
   * CaSSLe without a form has the method's, and so much less weight as the method's own loss is
   * less than where the form is published; where that is none, it stays as it is.
   */
  static Settings decided(Settings run) {
    double weight = open(run).map(own -> own.weight() * share(run)).orElse(0.0);
    return PnrNeeds.decided(
        weight > 0 ? run.with(Map.of("cassle", weight, "cassle-form", form(run))) : run);
  }

  /** CaSSLe's settings, where they leave the form to the method. */
  private static Optional<Cassle.Settings> open(Settings run) {
    return cassle(run).filter(own -> own.form() == Cassle.Form.AUTO && own.on());
  }

  /**
   * Refuses remedies that a method's loss leaves without a weight. Only as a run begins: one that
   * an older version began goes on.
   *
   * @throws UsageException naming the flag and the mend
   */
  static void requireWeight(Settings run) {
    if (open(run).isPresent() && share(run) <= 0) {
      throw UsageException.of(
          "--cassle",
          "%s: %s compares no views, so that its loss gives CaSSLe no weight; give --cassle-form %s, with the weight that is meant, as well"
              .formatted(
                  open(run).get().weight(),
                  run.method() instanceof LeJepa.Settings ? "--sigreg 1" : "--invariance 0",
                  form(run)));
    }
    if (run.method() instanceof VicReg.Settings own
        && own.invariance() == 0
        && run.remedies().stream().anyMatch(Pnr.Settings.class::isInstance)) {
      throw UsageException.of(
          "--pnr",
          "weighs what VICReg's invariance weighs, and --invariance is 0; leave one of them out");
    }
  }

  /**
   * Refuses, as a run begins, to estimate an importance by the loss of a batch of one picture: most
   * losses compare pictures, and those that do not throw have none.
   */
  static void requireBatch(Settings run) {
    for (RemedySettings remedy : run.remedies()) {
      if (remedy instanceof Ewc.Settings ewc) {
        Require.flag(
            ewc.images() >= Plan.LEAST,
            "--ewc-images",
            ewc.images()
                + " is a batch of one picture, which has no loss of its own; give 2 or more");
      }
    }
  }

  /** Whether a method's queue leaves out what is of a row's own picture. */
  static boolean leavesOutOwn(Settings run) {
    return run.method() instanceof MoCoV2.Settings || run.method() instanceof NnClr.Settings;
  }

  /** Refuses a LUMP whose weights are 0 or 1 but for one in a hundred, only as a run begins. */
  static void requireMixing(Settings run) {
    for (RemedySettings remedy : run.remedies()) {
      if (remedy instanceof Lump.Settings lump) {
        Require.flag(
            lump.alpha() >= Lump.LEAST,
            "--lump",
            lump.alpha() + " is neither 0, which mixes nothing, nor in " + Lump.LEAST + " … 2");
      }
    }
  }

  /** What a method's loss is of that beside which CaSSLe's form is published. */
  private static double share(Settings run) {
    MethodSettings method = run.method();
    if (method instanceof VicReg.Settings vicreg) {
      return vicreg.invariance() / CassleLoss.INVARIANCE;
    }
    if (method instanceof LeJepa.Settings lejepa) {
      // To the centre of two views it is half as far as to the other, and the square a quarter.
      return (1 - lejepa.sigreg()) / 4 / CassleLoss.INVARIANCE;
    }
    return method instanceof BarlowTwins.Settings barlow
        ? barlow.lossScale() / CassleLoss.SCALE
        : 1;
  }

  /** Width of the embeddings that a remedy looks at. */
  static int embedding(Settings settings, String flag) {
    if (settings.method().dim() == 0) {
      throw UsageException.of(
          "--" + flag,
          "looks at the embeddings of a self-supervised method, and --method %s makes none; leave one of them out"
              .formatted(settings.methodName()));
    }
    return settings.method().dim();
  }

  /** How many prototypes the method has; 0 for none, which the assigned form refuses. */
  static int prototypes(Cassle.Settings own, Settings run) {
    int prototypes = run.method().prototypes();
    Require.flag(
        prototypes > 0 || own.form() != Cassle.Form.ASSIGNED,
        "--cassle-form",
        "assigned compares scores against prototypes, which --method %s does not have; give another form, or --method swav or dino"
            .formatted(run.methodName()));
    return prototypes;
  }

  /** No heads, of a remedy that leaves nothing for labels to mean. */
  static List<Head> unlabelled(Settings settings, String flag) {
    if (Methods.of(settings).labels()) {
      throw UsageException.of(
          "--" + flag,
          "mixes pictures of different classes, and --method is %s; leave one of them out"
              .formatted(settings.methodName()));
    }
    return List.of();
  }
}
