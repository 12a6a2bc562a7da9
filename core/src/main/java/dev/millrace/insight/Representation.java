package dev.millrace.insight;

import dev.millrace.engine.UnitRows;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How features use their space, without labels. Stateless and thread-safe. */
public final class Representation {
  private static final double UNIFORMITY_T = 2;

  private Representation() {}

  /**
   * The effective rank: exp of the entropy of the singular values as shares of their sum (Roy and
   * Vetterli, "The Effective Rank: A Measure of Effective Dimensionality", EUSIPCO 2007), of the
   * features less their mean, since a shift common to all pictures tells none apart.
   *
   * @param features {@code [N, D]}, N at least 2
   * @return 1 to min(N − 1, D); 0 where all rows are equal
   */
  public static double effectiveRank(Tensor features) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = wide(features);
      double size = x.norm().item_double();
      Tensor centred = x.sub(x.mean(0));
      if (centred.norm().item_double() <= 1e-6 * size) {
        return 0; // what is left is rounding
      }
      Tensor shares = torch.linalg_svdvals(centred);
      shares = shares.div(shares.sum());
      return Math.exp(torch.special_entr(shares).sum().item_double());
    }
  }

  /**
   * Alignment: the mean squared distance of two views of a picture, as unit features (Wang and
   * Isola, "Understanding Contrastive Representation Learning through Alignment and Uniformity on
   * the Hypersphere", ICML 2020, eq. 4 with α = 2).
   *
   * @param one {@code [N, D]}, a row per picture
   * @param other {@code [N, D]}, the other view in the same row
   * @return 0 to 4; 0 where views do not differ
   */
  public static double alignment(Tensor one, Tensor other) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return unit(one).sub(unit(other)).square().sum(1).mean().item_double();
    }
  }

  /**
   * Uniformity: the logarithm of the mean of exp(−2·‖u − v‖²) over pairs of different pictures'
   * unit features (Wang and Isola, eq. 5 with t = 2).
   *
   * @param features {@code [N, D]}, N at least 2
   * @return −8 to 0; 0 where all rows are equal, lower is more even
   */
  public static double uniformity(Tensor features) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor squares = torch.pdist(unit(features)).square();
      return squares.mul(new Scalar(-UNIFORMITY_T)).exp().mean().log().item_double();
    }
  }

  /**
   * The total variance of unit features, 1 − ‖mean‖².
   *
   * @param features {@code [N, D]}
   * @return 0 where all point one way, to 1 where they cancel out
   */
  public static double variance(Tensor features) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor unit = unit(features);
      // The sum of squared deviations: the difference of two near ones would be rounding.
      return unit.sub(unit.mean(0)).square().sum(1).mean().item_double();
    }
  }

  /**
   * How far rows lie from their mean: the root of the mean variance of columns.
   *
   * @param embeddings {@code [N, d]}
   * @return 0 where all are equal; 1 for standard normal ones
   */
  public static double spread(Tensor embeddings) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = wide(embeddings);
      return Math.sqrt(x.sub(x.mean(0)).square().mean().item_double());
    }
  }

  /**
   * How many prototypes rows are assigned to: exp of the entropy of the mean of softmax(scores/τ).
   *
   * @param scores {@code [N, K]}
   * @param temperature τ &gt; 0
   * @return 1 where all go to the same one, to K
   */
  public static double effectivePrototypes(Tensor scores, double temperature) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor mean = wide(scores).div(new Scalar(temperature)).softmax(1).mean(0);
      return Math.exp(torch.special_entr(mean).sum().item_double());
    }
  }

  /** On the processor wherever the features are: they are few, and the numbers stay the same. */
  private static Tensor wide(Tensor features) {
    return features.detach().cpu().to(ScalarType.Double);
  }

  private static Tensor unit(Tensor features) {
    return UnitRows.of(wide(features));
  }
}
