package dev.millrace.insight;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.refusal.Require;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * How sharp the loss is around weights, in units of the weights themselves. A normalisation takes
 * the scale of the filters before it out again, so that a measure in absolute units can be given
 * any value without changing what the network computes (Dinh et al., "Sharp Minima Can Generalize
 * for Deep Nets", ICML 2017). All numbers here are of a perturbation relative to each weight or
 * filter, and shares of the loss at the weights; parameters of one dimension, which are
 * normalisations and biases, stay. They mean something where that loss is above 0 only. Stateless;
 * every call leaves the surface where it was.
 */
public final class AdaptiveSharpness {
  /**
   * How thoroughly to look.
   *
   * @param noise σ: norm of the noise on a filter, relative to the filter's; above 0
   * @param pairs of noise and its opposite, at least 2
   * @param rho ρ: half the width of the box, relative to each weight; above 0
   * @param ascent steps of gradient ascent in the box, at least 1
   * @param iterations of the power method at most, at least 1
   * @param tolerance relative change of the eigenvalue at which it stops, 0 or more
   * @param draws of Hutchinson's estimator, at least 2
   */
  public record Settings(
      double noise,
      int pairs,
      double rho,
      int ascent,
      int iterations,
      double tolerance,
      int draws) {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.flag(
          noise > 0 && noise < Double.POSITIVE_INFINITY, "--noise", noise + " is not above 0");
      Require.flag(
          pairs >= 2, "--noise-pairs", pairs + " is below 2, which a standard error needs");
      Require.flag(rho > 0 && rho < Double.POSITIVE_INFINITY, "--rho", rho + " is not above 0");
      Require.flag(ascent >= 1, "--ascent-steps", ascent + " is below 1");
      Require.flag(iterations >= 1, "--steps", iterations + " is below 1 iteration");
      Require.that(tolerance >= 0, "a tolerance of " + tolerance + " is below 0");
      Require.flag(draws >= 2, "--draws", draws + " is below 2, which a standard error needs");
    }

    /** σ = 0.1 in 16 pairs, ρ = 0.002 in 10 steps, 30 iterations or to 1 %, 32 draws. */
    public static Settings defaults() {
      return new Settings(0.1, 16, 0.002, 10, 30, 1e-2, 32);
    }
  }

  /**
   * A mean over draws.
   *
   * @param standardError of the mean
   */
  public record Mean(double value, double standardError) {
    static Mean of(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      double mean = sum / values.length;
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      return new Mean(mean, Math.sqrt(squares / (values.length - 1) / values.length));
    }
  }

  /** Of the largest filter's norm that signs move it: rounding and higher orders stay small. */
  private static final double SIGN_STEP = 0.05;

  private final LossSurface surface;
  private final Parameters.Layout layout;
  private final long moved;
  private final Settings settings;

  /**
   * A look at a surface at its present weights.
   *
   * @param layout of the surface's weights
   * @param moved so many of the first weights are perturbed, at whole parameters; the others stay
   */
  public AdaptiveSharpness(
      LossSurface surface, Parameters.Layout layout, long moved, Settings settings) {
    this.surface = surface;
    this.layout = layout;
    this.moved = moved;
    this.settings = settings;
  }

  /**
   * By how much the loss rises under noise on every filter, percent: 100·(E f(x + y) − f(x)) /
   * f(x), each filter of y in a random direction with σ times the norm of that of x (Li et al.,
   * "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, §4). Noise and its opposite come
   * together, so that the slope, which is none of the minimum, cancels.
   */
  public Mean noise(Draw draw) {
    double[] rises = new double[settings.pairs()];
    double base = surface.loss();
    try (PointerScope scope = new PointerScope()) {
      Tensor centre = surface.weights().clone();
      try {
        for (int i = 0; i < rises.length; i++) {
          try (PointerScope inner = new PointerScope()) {
            Tensor y = Directions.filterNormalised(centre, layout, moved, draw.at(i));
            y.mul_(new Scalar(settings.noise()));
            surface.weights().copy_(centre.add(y));
            double there = surface.loss();
            surface.weights().copy_(centre.sub(y));
            rises[i] = 100 * ((there + surface.loss()) / 2 - base) / base;
          }
        }
      } finally {
        surface.weights().copy_(centre);
      }
    }
    return Mean.of(rises);
  }

  /**
   * By how much the loss rises at most where every weight moves by a share of itself, percent:
   * 100·(max f(x + y) − f(x)) / f(x) over |yᵢ| ≤ ρ|xᵢ| (Kwon et al., "ASAM: Adaptive
   * Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks", ICML 2021,
   * definition 2 with p = ∞). Sought as {@link Sharpness#keskar} seeks: a lower bound.
   *
   * @param draw of the point where the ascent starts
   */
  public double box(Draw draw) {
    try (PointerScope scope = new PointerScope()) {
      Tensor weights = surface.weights();
      Tensor box = weights.abs().mul(movable()).mul(new Scalar(settings.rho()));
      BoxAscent.Found found = BoxAscent.of(surface, box, settings.ascent(), draw);
      return 100 * (found.most() - found.base()) / found.base();
    }
  }

  /**
   * The largest eigenvalue of D·H·D / f(x), with D the norm of each weight's filter: the largest
   * curvature along directions that are measured relative to filters.
   *
   * @param draw of the start
   */
  public Sharpness.Eigenvalue largestEigenvalue(Draw draw) {
    try (PointerScope scope = new PointerScope()) {
      double base = surface.loss();
      Tensor norms = Directions.filterNorms(surface.weights(), layout, moved);
      Sharpness.Eigenvalue found =
          Sharpness.largestEigenvalue(
              new ScaledSurface(surface, norms), settings.iterations(), settings.tolerance(), draw);
      return new Sharpness.Eigenvalue(found.value() / base, found.iterations());
    }
  }

  /**
   * The trace of D·H·D / f(x): the mean of zᵀDHDz over signs z (Hutchinson, 1990), by second
   * differences of the loss.
   *
   * @param draw of the signs
   */
  public Mean trace(Draw draw) {
    double[] traces = new double[settings.draws()];
    double base = surface.loss();
    try (PointerScope scope = new PointerScope()) {
      Tensor centre = surface.weights().clone();
      Tensor norms = Directions.filterNorms(centre, layout, moved);
      double step = SIGN_STEP / Math.sqrt(Directions.largestFilter(layout, moved));
      try {
        for (int i = 0; i < traces.length; i++) {
          try (PointerScope inner = new PointerScope()) {
            Tensor y = Directions.signs(centre, draw.at(i)).mul(norms).mul_(new Scalar(step));
            surface.weights().copy_(centre.add(y));
            double there = surface.loss();
            surface.weights().copy_(centre.sub(y));
            traces[i] = (there + surface.loss() - 2 * base) / (step * step) / base;
          }
        }
      } finally {
        surface.weights().copy_(centre);
      }
    }
    return Mean.of(traces);
  }

  /** 1 where a weight may move, 0 where it stays. */
  private Tensor movable() {
    Tensor movable = surface.weights().detach().clone().zero_();
    for (Parameters.Entry entry : layout.entries()) {
      if (Directions.filters(entry, moved)) {
        Parameters.view(movable, entry).fill_(new Scalar(1));
      }
    }
    return movable;
  }
}
