package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * SIGReg, sketched isotropic Gaussian regularisation (Balestriero and LeCun, "LeJEPA", arXiv
 * 2511.08544, section 4): along directions drawn at random, embeddings must be distributed as a
 * standard normal variable, by the test of Epps and Pulley. Stateless and thread-safe.
 */
public final class SigReg {
  /** Frequencies of the paper's quadrature. */
  public static final int KNOTS = 17;

  /** The largest of them; by symmetry the negative ones are not computed. */
  public static final double LARGEST = 3;

  private SigReg() {}

  /**
   * N ∫ |φ̂(t) − e^(−t²/2)|² e^(−t²/2) dt over −T … T by the trapezoid rule, φ̂ the empirical
   * characteristic function along a direction; the mean over directions.
   *
   * @param embeddings {@code […, N, d] float32}; each block of N by itself, and their mean. The
   *     gradient flows into them
   * @param directions {@code [d, M] float32}, columns of norm 1
   * @param knots frequencies from 0 to T, at least 2
   * @param largest T, above 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(Tensor embeddings, Tensor directions, int knots, double largest) {
    if (embeddings.dim() < 2
        || directions.dim() != 2
        || embeddings.size(-1) != directions.size(0)
        || knots < 2
        || !(largest > 0)) {
      throw new IllegalArgumentException(
          "found embeddings %s, directions %s and %d knots up to %s; expected […, N, d], [d, M], at least 2 knots and a largest above 0"
              .formatted(Shapes.of(embeddings), Shapes.of(directions), knots, largest));
    }
    double n = embeddings.size(-2);
    Tensor along = embeddings.matmul(directions);
    double between = largest / (knots - 1);
    Tensor sum = null;
    for (int k = 0; k < knots; k++) {
      double t = k * between;
      double normal = Math.exp(-t * t / 2);
      // Inner knots stand for −t, too, and both halves of their trapezoids.
      double weight = (k == 0 || k == knots - 1 ? between : 2 * between) * normal;
      Tensor angle = along.mul(new Scalar(t));
      Tensor real = angle.cos().mean(-2).sub(new Scalar(normal)).square();
      Tensor imaginary = angle.sin().mean(-2).square();
      Tensor error = real.add(imaginary).mean().mul(new Scalar(weight * n));
      sum = sum == null ? error : sum.add(error);
    }
    return sum;
  }

  /** By the paper's quadrature. */
  public static Tensor loss(Tensor embeddings, Tensor directions) {
    return loss(embeddings, directions, KNOTS, LARGEST);
  }
}
