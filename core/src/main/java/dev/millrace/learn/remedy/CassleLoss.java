package dev.millrace.learn.remedy;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.softmax;

import dev.millrace.learn.objective.Distillation;
import dev.millrace.learn.objective.NegativeCosine;
import dev.millrace.learn.objective.RedundancyReduction;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * What each form of {@link Cassle} adds to a loss: predictions beside what the frozen network makes
 * of the same views (Fini et al., CVPR 2022, section 4 and the published code's distillers).
 * Stateless and thread-safe.
 */
public final class CassleLoss {
  static final double LAMBDA = 0.005;

  /** What the loss of the decorrelative form is multiplied by, as Barlow Twins' in the paper. */
  public static final double SCALE = 0.1;

  /** What the squared error of the invariant form is multiplied by, as VICReg's in the paper. */
  public static final double INVARIANCE = 25;

  /** τ of the scores that the assigned form compares, as SwAV's and DINO's in the paper. */
  public static final double SHARPNESS = 0.1;

  private CassleLoss() {}

  /**
   * What the contrastive form adds.
   *
   * @param predictions of the whole batch, {@code [N, d] float32} for each view
   * @param past what the frozen network made of the same
   * @param temperature τ of the logits
   * @param weight λ beside the method's loss
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor contrastive(
      List<Tensor> predictions, List<Tensor> past, double temperature, double weight) {
    return Distillation.loss(together(predictions), together(past), temperature)
        .mul(new Scalar(weight));
  }

  /** What the predictive form adds; arguments as above. */
  public static Tensor predictive(List<Tensor> predictions, List<Tensor> past, double weight) {
    return NegativeCosine.loss(together(predictions), together(past)).mul(new Scalar(weight));
  }

  /**
   * What the decorrelative form adds: of each view by itself, then the mean.
   *
   * @param lambda weight of the correlations off the diagonal
   * @param scale what the loss is multiplied by
   */
  public static Tensor decorrelative(
      List<Tensor> predictions, List<Tensor> past, double lambda, double scale, double weight) {
    Tensor sum = null;
    for (int v = 0; v < predictions.size(); v++) {
      Tensor one = RedundancyReduction.loss(predictions.get(v), past.get(v), lambda, scale);
      sum = sum == null ? one : sum.add(one);
    }
    return sum.div(new Scalar((double) predictions.size())).mul(new Scalar(weight));
  }

  /**
   * What the invariant form adds.
   *
   * @param invariance what the mean squared error is multiplied by
   */
  public static Tensor invariant(
      List<Tensor> predictions, List<Tensor> past, double invariance, double weight) {
    return together(predictions)
        .sub(together(past))
        .square()
        .mean()
        .mul(new Scalar(invariance))
        .mul(new Scalar(weight));
  }

  /**
   * What the assigned form adds: the mean over views and pictures of −Σ softmax(past/τ) · log
   * softmax(predicted/τ).
   *
   * @param predictions scores of the predictions, {@code [N, K] float32} for each view
   * @param past scores of what the frozen network made of the same, against its own prototypes
   * @param temperature τ of both
   */
  public static Tensor assigned(
      List<Tensor> predictions, List<Tensor> past, double temperature, double weight) {
    Scalar sharp = new Scalar(temperature);
    Tensor said = softmax(together(past).detach().div(sharp), 1);
    Tensor predicted = log_softmax(together(predictions).div(sharp), 1);
    return said.mul(predicted)
        .sum(new long[] {1}, false, new ScalarTypeOptional())
        .mean()
        .mul(new Scalar(-weight));
  }

  private static Tensor together(List<Tensor> views) {
    return cat(new TensorVector(views.toArray(Tensor[]::new)));
  }
}
