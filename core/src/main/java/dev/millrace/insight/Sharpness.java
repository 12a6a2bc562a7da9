package dev.millrace.insight;

import dev.millrace.draw.Draw;
import dev.millrace.refusal.Require;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * How sharp the minimum is that weights lie in: by the largest loss nearby and by the Hessian, in
 * the weights' own units. With normalisations these numbers depend on the scale of the weights,
 * which changes nothing of what a network computes; {@link AdaptiveSharpness} does not. Stateless;
 * every call leaves the surface where it was.
 */
public final class Sharpness {
  /**
   * How thoroughly to look.
   *
   * @param epsilon half the width of Keskar's box, relative; above 0
   * @param ascent steps of gradient ascent in it, at least 1
   * @param iterations of the power method at most, at least 1
   * @param tolerance relative change of the eigenvalue at which it stops, 0 or more
   * @param draws of Hutchinson's estimator, at least 2
   */
  public record Settings(double epsilon, int ascent, int iterations, double tolerance, int draws) {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.flag(
          epsilon > 0 && epsilon < Double.POSITIVE_INFINITY,
          "--epsilon",
          epsilon + " is not above 0");
      Require.flag(ascent >= 1, "--ascent-steps", ascent + " is below 1");
      Require.flag(iterations >= 1, "--steps", iterations + " is below 1 iteration");
      Require.that(tolerance >= 0, "a tolerance of " + tolerance + " is below 0");
      Require.flag(draws >= 2, "--draws", draws + " is below 2, which a standard error needs");
    }

    /** ε = 10⁻³ in 5 steps, at most 10 iterations or to 1 %, 4 draws. */
    public static Settings defaults() {
      return new Settings(1e-3, 5, 10, 1e-2, 4);
    }
  }

  /**
   * A measured eigenvalue.
   *
   * @param value the algebraically largest one
   * @param iterations products with the Hessian that it took
   */
  public record Eigenvalue(double value, int iterations) {}

  /**
   * An estimate of the trace.
   *
   * @param value mean over the draws
   * @param standardError of that mean
   */
  public record Trace(double value, double standardError) {}

  private Sharpness() {}

  /**
   * Keskar's ε-sharpness, percent: how much the loss rises at most in a small box around the
   * weights, 100·(max f(x + y) − f(x)) / (1 + f(x)) over |yᵢ| ≤ ε(|xᵢ| + 1) (Keskar et al., "On
   * Large-Batch Training for Deep Learning", ICLR 2017, metric 2.1, with A the identity). The
   * maximum is sought by steps along the gradient's signs from a drawn point of the box, clipped to
   * it; a few steps give a lower bound, exact where the loss is a convex quadratic with a diagonal
   * Hessian around its minimum.
   *
   * @param draw of the point where the ascent starts
   * @return not a number where f(x) is below 0, as losses of some methods are: the metric is of
   *     losses that are not
   */
  public static double keskar(LossSurface surface, Settings settings, Draw draw) {
    try (PointerScope scope = new PointerScope()) {
      Tensor box = surface.weights().abs().add(new Scalar(1)).mul(new Scalar(settings.epsilon()));
      BoxAscent.Found found = BoxAscent.of(surface, box, settings.ascent(), draw);
      return found.base() < 0
          ? Double.NaN
          : 100 * (found.most() - found.base()) / (1 + found.base());
    }
  }

  /**
   * The largest eigenvalue of the Hessian, by the power method with Hessian-vector products (Yao et
   * al., "PyHessian", 2020, algorithm 2). The method finds the largest in magnitude; where that is
   * negative it is run again on the Hessian less that value.
   *
   * @param draw of the start
   */
  public static Eigenvalue largestEigenvalue(LossSurface surface, Settings settings, Draw draw) {
    return largestEigenvalue(surface, settings.iterations(), settings.tolerance(), draw);
  }

  static Eigenvalue largestEigenvalue(
      LossSurface surface, int iterations, double tolerance, Draw draw) {
    Eigenvalue found = power(surface, iterations, tolerance, draw, 0);
    if (found.value() >= 0) {
      return found;
    }
    Eigenvalue above = power(surface, iterations, tolerance, draw.at(-1), found.value());
    return new Eigenvalue(above.value() + found.value(), found.iterations() + above.iterations());
  }

  /** The largest eigenvalue in magnitude of H − shift·I. */
  private static Eigenvalue power(
      LossSurface surface, int iterations, double tolerance, Draw draw, double shift) {
    try (PointerScope scope = new PointerScope()) {
      Tensor v = Directions.gaussian(surface.weights(), draw);
      v.div_(v.norm());
      Tensor product = v.clone();
      double value = 0;
      for (int i = 1; i <= iterations; i++) {
        try (PointerScope inner = new PointerScope()) {
          surface.curvature(v, product);
          product.sub_(v.mul(new Scalar(shift)));
          double next = v.dot(product).item_float();
          double norm = product.norm().item_float();
          if (norm == 0) {
            return new Eigenvalue(0, i);
          }
          v.copy_(product.div(new Scalar(norm)));
          boolean settled = i > 1 && Math.abs(next - value) <= tolerance * Math.abs(next);
          value = next;
          if (settled) {
            return new Eigenvalue(value, i);
          }
        }
      }
      return new Eigenvalue(value, iterations);
    }
  }

  /**
   * The trace of the Hessian: the mean of zᵀHz over signs z (Hutchinson, "A Stochastic Estimator of
   * the Trace of the Influence Matrix", 1990).
   *
   * @param draw of the signs
   */
  public static Trace trace(LossSurface surface, Settings settings, Draw draw) {
    double sum = 0;
    double squares = 0;
    int m = settings.draws();
    for (int i = 0; i < m; i++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor z = Directions.signs(surface.weights(), draw.at(i));
        Tensor product = z.clone();
        surface.curvature(z, product);
        double one = z.dot(product).item_float();
        sum += one;
        squares += one * one;
      }
    }
    double mean = sum / m;
    double variance = Math.max(0, squares - m * mean * mean) / (m - 1);
    return new Trace(mean, Math.sqrt(variance / m));
  }
}
