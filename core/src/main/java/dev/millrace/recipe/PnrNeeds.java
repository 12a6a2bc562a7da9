package dev.millrace.recipe;

import dev.millrace.learn.method.BarlowTwins;
import dev.millrace.learn.method.Byol;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.SimClr;
import dev.millrace.learn.method.VicReg;
import dev.millrace.learn.remedy.Pnr;
import dev.millrace.learn.remedy.PnrLoss;
import dev.millrace.refusal.UsageException;
import java.util.Optional;

/**
 * What PNR needs of the rest of a run: the method, whose loss says what it adds and how hard
 * predictions keep from the other view's past.
 */
final class PnrNeeds {
  /** The setting of that weight, μ. */
  private static final String NEGATIVE = "pnr-negative";

  private PnrNeeds() {}

  /**
   * What PNR adds to the loss of a run's method, which is another for every method.
   *
   * @return empty where the method has it itself
   */
  static Optional<Pnr.Form> negatives(Settings run, Pnr.Settings pnr) {
    MethodSettings method = run.method();
    if (method instanceof MoCoV2.Settings) {
      return Optional.empty();
    }
    if (method instanceof SimClr.Settings own) {
      return Optional.of(PnrLoss.contrastive(own.temperature()));
    }
    if (method instanceof Byol.Settings) {
      return Optional.of(PnrLoss.predictive(pnr.negative()));
    }
    if (method instanceof BarlowTwins.Settings own) {
      return Optional.of(PnrLoss.decorrelative(own.offDiagonal(), own.lossScale(), pnr.negative()));
    }
    if (method instanceof VicReg.Settings own) {
      return Optional.of(PnrLoss.invariant(own.invariance(), pnr.negative()));
    }
    throw UsageException.of(
        "--pnr",
        "is of moco-v2, simclr, byol, barlow-twins and vicreg, and --method is %s; leave one of them out"
            .formatted(run.methodName()));
  }

  /**
   * A run's settings as it begins: μ is that of the paper beside the method, unless it was given. A
   * run from before it was a setting goes on with what its weight made of the paper's.
   */
  static Settings decided(Settings run) {
    Optional<Double> published = published(run);
    return pnr(run).filter(own -> Double.isNaN(own.negative())).isPresent() && published.isPresent()
        ? run.with(NEGATIVE, published.get())
        : run;
  }

  /**
   * What stands for μ in digests: at weight 1 the paper's is what runs had before it was a setting,
   * so that they and those of now are the same.
   */
  static Object known(Settings run, Object negative) {
    boolean before =
        pnr(run).filter(own -> own.weight() == 1).isPresent()
            && published(run).filter(negative::equals).isPresent();
    return before ? "auto" : negative;
  }

  /** The paper's μ for CIFAR beside a run's method; empty where the method has negatives. */
  private static Optional<Double> published(Settings run) {
    MethodSettings method = run.method();
    if (method instanceof Byol.Settings) {
      return Optional.of(PnrLoss.OF_BYOL);
    }
    if (method instanceof BarlowTwins.Settings own) {
      return Optional.of(PnrLoss.OF_SCALE * own.lossScale());
    }
    return method instanceof VicReg.Settings own
        ? Optional.of(PnrLoss.OF_INVARIANCE * own.invariance())
        : Optional.empty();
  }

  /** Refuses a μ of a method whose negatives are those of both models. */
  static void requireApart(Settings run) {
    if (published(run).isEmpty()
        && pnr(run).filter(own -> !Double.isNaN(own.negative())).isPresent()) {
      throw UsageException.of(
          "--" + NEGATIVE,
          "%s keeps predictions from the other view's past, and beside --method %s pictures' negatives do that; leave it out"
              .formatted(pnr(run).get().negative(), run.methodName()));
    }
  }

  /**
   * Refuses, as a run begins, a squared difference that pushes harder than it pulls: its loss falls
   * for ever as predictions grow. A cosine, which the other methods have, is bounded.
   */
  static void requireBounded(Settings run) {
    if (!(run.method() instanceof VicReg.Settings own) || pnr(run).isEmpty()) {
      return;
    }
    Pnr.Settings pnr = pnr(run).get();
    double mu =
        Double.isNaN(pnr.negative()) ? PnrLoss.OF_INVARIANCE * own.invariance() : pnr.negative();
    if (mu >= pnr.weight() * own.invariance()) {
      throw UsageException.of(
          "--pnr",
          "%s beside --method vicreg pulls with %s (that times --invariance) and pushes with %s (--pnr-negative), so that its loss falls for ever as predictions grow; give %s above %s, or a smaller --pnr-negative"
              .formatted(
                  pnr.weight(),
                  pnr.weight() * own.invariance(),
                  mu,
                  "--pnr",
                  mu / own.invariance()));
    }
  }

  private static Optional<Pnr.Settings> pnr(Settings run) {
    return run.remedies().stream()
        .filter(Pnr.Settings.class::isInstance)
        .map(Pnr.Settings.class::cast)
        .findFirst();
  }
}
