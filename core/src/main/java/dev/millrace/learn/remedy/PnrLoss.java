package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.PseudoNegatives;
import dev.millrace.learn.objective.RedundancyReduction;
import java.util.List;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * What {@link Pnr} adds to the loss of each method (Cha et al., ICML 2024, and the published code's
 * distillers). Where the method has no negatives that is λ near − μ far: λ the weight of
 * predictions that come near their own view's past, μ that of keeping them from the other's. The
 * two do not depend on each other.
 *
 * <p>Runs that began before μ was a setting have λ (near − μ far) with the paper's μ, and go on so,
 * to the bit: their μ is not a number. At λ = 1 both are the same to the bit. Stateless and
 * thread-safe.
 */
public final class PnrLoss {
  /** BYOL's μ: the paper's for CIFAR. */
  public static final double OF_BYOL = 0.5;

  /** Barlow Twins' μ, over what its loss is scaled by: the paper's 1 for CIFAR over 0.1. */
  public static final double OF_SCALE = 10;

  /** VICReg's μ, over what its invariance weighs: the paper's 23 for CIFAR over 25. */
  public static final double OF_INVARIANCE = 23.0 / 25;

  private PnrLoss() {}

  /**
   * SimCLR's: its loss with the negatives of both models, and the predictions' with the same.
   *
   * @param temperature τ of the method
   */
  public static Pnr.Form contrastive(double temperature) {
    return (now, predictions, past, weight) -> {
      Tensor z = together(now);
      Tensor then = together(past);
      return PseudoNegatives.beside(z, then, temperature)
          .add(
              PseudoNegatives.predicted(together(predictions), then, z, temperature)
                  .mul(new Scalar(weight)));
    };
  }

  /**
   * BYOL's: 2 − 2 cos to the own view's past, less that to the other's.
   *
   * @param mu μ; not a number for a run from before it was a setting
   */
  public static Pnr.Form predictive(double mu) {
    return (now, predictions, past, weight) ->
        apart(predictions, past, weight, NegativeCosine::loss, mu, OF_BYOL, NegativeCosine::loss);
  }

  /**
   * Barlow Twins': its own loss to the own view's past, less the negative cosine to the other's.
   *
   * @param lambda weight of its correlations off the diagonal
   * @param scale what its loss is multiplied by
   * @param mu μ; not a number for a run from before it was a setting
   */
  public static Pnr.Form decorrelative(double lambda, double scale, double mu) {
    return (now, predictions, past, weight) ->
        apart(
            predictions,
            past,
            weight,
            (p, then) -> RedundancyReduction.loss(p, then, lambda, scale),
            mu,
            OF_SCALE * scale,
            NegativeCosine::plain);
  }

  /**
   * VICReg's: the mean squared difference to the own view's past, by the invariance's weight, less
   * that to the other's.
   *
   * @param invariance weight of the views' difference in its loss, above 0
   * @param mu μ of the squared difference itself; not a number for a run from before it was a
   *     setting
   */
  public static Pnr.Form invariant(double invariance, double mu) {
    // Both weighed before they are taken apart: runs go on to the bit in this order.
    BinaryOperator<Tensor> squared =
        (p, then) -> p.sub(then).square().mean().mul(new Scalar(invariance));
    return (now, predictions, past, weight) ->
        apart(predictions, past, weight, squared, mu / invariance, OF_INVARIANCE, squared);
  }

  /** λ mean of near(pᵢ, ẑᵢ) − μ mean of far(pᵢ, ẑⱼ), i and j the two views. */
  private static Tensor apart(
      List<Tensor> predictions,
      List<Tensor> past,
      double weight,
      BinaryOperator<Tensor> near,
      double mu,
      double before,
      BinaryOperator<Tensor> far) {
    Tensor own =
        near.apply(predictions.get(0), past.get(0))
            .add(near.apply(predictions.get(1), past.get(1)));
    Tensor other =
        far.apply(predictions.get(0), past.get(1)).add(far.apply(predictions.get(1), past.get(0)));
    if (Double.isNaN(mu)) {
      return own.sub(other.mul(new Scalar(before))).mul(new Scalar(weight / 2));
    }
    return own.mul(new Scalar(weight)).sub(other.mul(new Scalar(mu))).mul(new Scalar(0.5));
  }

  private static Tensor together(List<Tensor> rows) {
    return cat(new TensorVector(rows.toArray(Tensor[]::new)));
  }
}
