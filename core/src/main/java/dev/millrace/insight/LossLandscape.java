package dev.millrace.insight;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import dev.millrace.refusal.Require;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The loss along lines and over planes through weights, in filter-normalised random directions (Li
 * et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018), and on the straight path
 * between two solutions (Goodfellow, Vinyals and Saxe, "Qualitatively Characterizing Neural Network
 * Optimization Problems", ICLR 2015). What normalisations do between is the surface's matter: one
 * whose loss uses the statistics of its own fixed batches needs no running ones, which would be
 * wrong off the solution. Stateless; every call leaves the surface where it was.
 */
public final class LossLandscape {
  /**
   * Where to look.
   *
   * @param directions of lines, at least 1
   * @param points of a line, odd so that the solution is one, at least 3
   * @param side points of a plane's side, odd, at least 3; 0 for no planes
   * @param path points of a path with both ends, at least 2
   * @param radius how far lines and planes reach; 1 is the norm of the weights, above 0
   */
  public record Settings(int directions, int points, int side, int path, double radius) {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.flag(directions >= 1, "--directions", directions + " is below 1");
      Require.flag(
          points >= 3 && points % 2 == 1, "--points", points + " is not odd and at least 3");
      Require.flag(
          side == 0 || side >= 3 && side % 2 == 1,
          "--plane",
          side + " is neither 0 nor odd and at least 3");
      Require.flag(path >= 2, "--path", path + " is below 2 points");
      Require.flag(
          radius > 0 && radius < Double.POSITIVE_INFINITY, "--radius", radius + " is not above 0");
    }

    /** 2 lines of 11 points, planes of 7 × 7, paths of 9, all as far as the weights' norm. */
    public static Settings defaults() {
      return new Settings(2, 11, 7, 9, 1);
    }
  }

  private LossLandscape() {}

  /** So many values from low to high, both included. */
  public static double[] spaced(double low, double high, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = low + (high - low) * i / (count - 1);
    }
    return values;
  }

  /**
   * The loss along one line.
   *
   * @param layout of the surface's weights
   * @param draw of the direction
   * @param alphas places on it, 0 the weights
   * @return the loss at each
   */
  public static double[] line(
      LossSurface surface, Parameters.Layout layout, Draw draw, double[] alphas) {
    return plane(surface, layout, draw, draw, alphas, new double[] {0})[0];
  }

  /**
   * The loss over a plane.
   *
   * @param across draw of the direction of the alphas
   * @param up draw of the direction of the betas; with the draws of two lines the plane holds both
   * @return {@code [betas][alphas]}
   */
  public static double[][] plane(
      LossSurface surface,
      Parameters.Layout layout,
      Draw across,
      Draw up,
      double[] alphas,
      double[] betas) {
    try (PointerScope scope = new PointerScope()) {
      Tensor centre = surface.weights().clone();
      Tensor right = Directions.filterNormalised(centre, layout, across);
      Tensor upwards = Directions.filterNormalised(centre, layout, up);
      double[][] loss = new double[betas.length][];
      for (int b = 0; b < betas.length; b++) {
        try (PointerScope inner = new PointerScope()) {
          Tensor row = centre.add(upwards.mul(new Scalar(betas[b])));
          loss[b] = along(surface, centre, row, right, alphas);
        }
      }
      return loss;
    }
  }

  /**
   * The loss on the straight path from the surface's weights.
   *
   * @param to {@code [P] float32}, the path's other end
   * @param alphas places on it, 0 the weights and 1 the other end
   */
  public static double[] path(LossSurface surface, Tensor to, double[] alphas) {
    try (PointerScope scope = new PointerScope()) {
      Tensor from = surface.weights().clone();
      return along(surface, from, from, to.sub(from), alphas);
    }
  }

  private static double[] along(
      LossSurface surface, Tensor home, Tensor start, Tensor direction, double[] alphas) {
    double[] loss = new double[alphas.length];
    try {
      for (int a = 0; a < alphas.length; a++) {
        try (PointerScope scope = new PointerScope()) {
          surface.weights().copy_(start.add(direction.mul(new Scalar(alphas[a]))));
          loss[a] = surface.loss();
        }
      }
    } finally {
      surface.weights().copy_(home);
    }
    return loss;
  }
}
