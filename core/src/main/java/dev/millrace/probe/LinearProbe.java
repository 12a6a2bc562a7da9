package dev.millrace.probe;

import dev.millrace.draw.Draw;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The many-shot linear probe: L2-regularised multinomial logistic regression on frozen features,
 * its regulariser picked on a validation part and refitted on train + validation (Kornblith, Shlens
 * and Le, "Do Better ImageNet Models Transfer Better?", CVPR 2019, which Ericsson et al., "How Well
 * Do Self-Supervised Models Transfer?", CVPR 2021 follow: 45 values, logspace(−6, 5)).
 *
 * <p>Objective: mean cross-entropy + λ/2·‖W‖², bias unpenalised (scikit-learn's {@code C} is
 * 1/(λN)). The code of that lineage weighs the same 45 values against the sum over the rows, a
 * penalty N times weaker; against the mean, what they pick does not depend on the size of the set.
 * Features are taken raw, as there: neither standardised nor normalised; the solver centres them,
 * which with a free bias changes no solution. Stateless and thread-safe.
 */
public final class LinearProbe {
  private static final Logger LOG = LoggerFactory.getLogger(LinearProbe.class);

  private LinearProbe() {}

  /**
   * How to fit.
   *
   * @param values how many regularisers to try, at least 1
   * @param lowest decimal exponent of the smallest λ
   * @param highest decimal exponent of the largest λ
   * @param tolerance solved once ‖∇‖∞ is no larger; above 0
   * @param iterations bound on L-BFGS steps a problem, at least 1; reaching it is logged
   * @param history pairs L-BFGS keeps, at least 1
   * @param validationShare of each class, where no validation split is given; inside (0, 1)
   * @param byClass pick λ by the mean per class instead of top-1
   * @param seed of the split
   */
  public record Settings(
      int values,
      double lowest,
      double highest,
      double tolerance,
      int iterations,
      int history,
      double validationShare,
      boolean byClass,
      long seed) {
    /** Checks the ranges. */
    public Settings {
      if (values < 1
          || !(lowest <= highest)
          || !(tolerance > 0)
          || iterations < 1
          || history < 1
          || !(validationShare > 0 && validationShare < 1)) {
        throw new IllegalArgumentException(
            ("found %d values in 10^%s … 10^%s, tolerance %s, %d iterations, history %d, share %s;"
                    + " expected positive numbers, lowest ≤ highest and a share inside (0, 1):"
                    + " start from Settings.paper()")
                .formatted(
                    values, lowest, highest, tolerance, iterations, history, validationShare));
      }
    }

    /** The paper's sweep, solved to 10⁻⁴ in at most 1 000 steps; a fifth for validation, seed 0. */
    public static Settings paper() {
      return new Settings(45, -6, 5, 1e-4, 1000, 10, 0.2, false, 0);
    }

    /** These settings with λ picked by the mean per class, or by top-1. */
    public Settings withByClass(boolean byMean) {
      return new Settings(
          values, lowest, highest, tolerance, iterations, history, validationShare, byMean, seed);
    }

    /** These settings with another split. */
    public Settings withSeed(long other) {
      return new Settings(
          values, lowest, highest, tolerance, iterations, history, validationShare, byClass, other);
    }

    /** The regularisers, rising, evenly spaced in the exponent. */
    public double[] lambdas() {
      double[] lambdas = new double[values];
      for (int i = 0; i < values; i++) {
        double part = values == 1 ? 0 : (double) i / (values - 1);
        lambdas[i] = StrictMath.pow(10, lowest + (highest - lowest) * part);
      }
      return lambdas;
    }
  }

  /**
   * Training rows, parted.
   *
   * @param train what λ is tried on
   * @param validation what λ is picked on; every class in it is in train as well
   */
  public record Parts(FeatureMatrix train, FeatureMatrix validation) {}

  /** The model fitted on the whole training set, its λ picked on a stratified part of it. */
  public static LinearModel fit(FeatureMatrix train, Settings settings) {
    Parts parts = parts(train, settings);
    return fit(parts.train(), parts.validation(), settings);
  }

  /**
   * Holds a share of each class out for validation, drawn by the seed.
   *
   * @throws IllegalArgumentException if a class has no row, there is one class only, or no class
   *     has two rows
   */
  public static Parts parts(FeatureMatrix train, Settings settings) {
    int classes = requireClasses(train);
    boolean[] held = split(train.labels(), classes, settings);
    int[] kept = pick(held, false);
    int[] out = pick(held, true);
    if (out.length == 0) {
      throw new IllegalArgumentException(
          "found %d training rows, too few to hold some out, expected 2 or more of some class:"
                  .formatted(train.n())
              + " give more rows or a validation split");
    }
    return new Parts(train.rows(kept), train.rows(out));
  }

  /**
   * The model fitted on train + validation with the λ that does best on validation; of equal ones
   * the largest.
   *
   * @throws IllegalArgumentException if a class has no training row, there is one class only, or
   *     widths differ
   */
  public static LinearModel fit(FeatureMatrix train, FeatureMatrix validation, Settings settings) {
    return fit(train, validation, settings, () -> false);
  }

  /**
   * Like {@link #fit(FeatureMatrix, FeatureMatrix, Settings)}, with a way to end it.
   *
   * @param stop asked before every pass over the rows; true ends the call by a {@link
   *     java.util.concurrent.CancellationException}
   */
  public static LinearModel fit(
      FeatureMatrix train, FeatureMatrix validation, Settings settings, BooleanSupplier stop) {
    int classes = requireClasses(train);
    train.requireWidth(validation);
    if (validation.classes() > classes) {
      throw new IllegalArgumentException(
          "found class %d in validation but not in training, expected 0 … %d: split by class"
              .formatted(validation.classes() - 1, classes - 1));
    }
    LinearModel best = null;
    double bestScore = -1;
    for (LinearModel model : sweep(train, settings.lambdas(), settings, stop)) {
      Accuracy accuracy = model.accuracy(validation);
      double score = settings.byClass() ? accuracy.meanPerClass() : accuracy.top1();
      if (score >= bestScore) {
        bestScore = score;
        best = model;
      }
    }
    LOG.debug("linear probe: λ {} with {} % on validation", best.lambda(), bestScore);
    return sweep(train.and(validation), new double[] {best.lambda()}, settings, stop)[0];
  }

  /** One model per λ, in their order, all solved together. */
  public static LinearModel[] sweep(FeatureMatrix train, double[] lambdas, Settings settings) {
    return sweep(train, lambdas, settings, () -> false);
  }

  private static LinearModel[] sweep(
      FeatureMatrix train, double[] lambdas, Settings settings, BooleanSupplier stop) {
    int classes = requireClasses(train);
    LinearModel[] models =
        new SoftmaxBatch(train, classes, stop)
            .solve(lambdas, settings.tolerance(), settings.iterations(), settings.history());
    int unsolved = 0;
    double worst = 0;
    for (LinearModel model : models) {
      LOG.debug(
          "λ {}: loss {}, {} steps, ‖∇‖∞ {}",
          model.lambda(),
          model.loss(),
          model.iterations(),
          model.residual());
      if (model.residual() > settings.tolerance()) {
        unsolved++;
        worst = Math.max(worst, model.residual());
      }
    }
    if (unsolved > 0) {
      LOG.warn(
          "linear probe: {} of {} regularisers ended with ‖∇‖∞ up to {}, above {}",
          unsolved,
          models.length,
          "%.1e".formatted(worst),
          settings.tolerance());
    }
    return models;
  }

  private static int requireClasses(FeatureMatrix train) {
    int classes = train.classes();
    if (classes < 2) {
      throw new IllegalArgumentException(
          "found %d class in the training features, expected 2 or more: give a labelled set"
              .formatted(classes));
    }
    boolean[] seen = new boolean[classes];
    for (int label : train.labels()) {
      seen[label] = true;
    }
    for (int c = 0; c < classes; c++) {
      if (!seen[c]) {
        throw new IllegalArgumentException(
            ("found no training row of class %d, expected at least one of each of 0 … %d:"
                    + " take more images or number the classes without gaps")
                .formatted(c, classes - 1));
      }
    }
    return classes;
  }

  /** Which rows are held out: the share of each class, at least one where it has two rows. */
  private static boolean[] split(int[] labels, int classes, Settings settings) {
    boolean[] held = new boolean[labels.length];
    for (int c = 0; c < classes; c++) {
      int[] rows = pick(labels, c);
      if (rows.length < 2) {
        continue;
      }
      long share = Math.round(settings.validationShare() * rows.length);
      int count = (int) Math.max(1, Math.min(rows.length - 1, share));
      Draw draw = Draw.of(settings.seed(), "probe-validation", c);
      Arrays.stream(draw.sample(rows.length, count)).forEach(i -> held[rows[i]] = true);
    }
    return held;
  }

  private static int[] pick(int[] labels, int label) {
    return java.util.stream.IntStream.range(0, labels.length)
        .filter(i -> labels[i] == label)
        .toArray();
  }

  private static int[] pick(boolean[] held, boolean which) {
    return java.util.stream.IntStream.range(0, held.length).filter(i -> held[i] == which).toArray();
  }
}
