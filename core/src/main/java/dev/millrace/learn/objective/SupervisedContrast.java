package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * SupCon's loss (Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020) with the sum over
 * positives inside the logarithm (eq. 3 without its constant), as solo-learn computes it: each view
 * must tell all views of its class, as one, among all but itself. Stateless and thread-safe.
 */
public final class SupervisedContrast {
  private SupervisedContrast() {}

  /**
   * Mean over the 2N views of −log(Σ exp(z·z₊/τ) / Σ exp(z·z′/τ)); rows are brought to norm 1
   * first.
   *
   * @param one embeddings of the first views, {@code [N, d] float32}
   * @param two of the second, {@code [N, d] float32}; the gradient flows into both
   * @param labels {@code [N] int64}, the pictures' classes; any numbers
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, Tensor labels, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(one, two);
    if (labels.dim() != 1 || labels.size(0) != one.size(0)) {
      throw new IllegalArgumentException(
          "found labels %s for embeddings %s, expected [N] for [N, d]: give one label a picture"
              .formatted(Shapes.of(labels), Shapes.of(one)));
    }
    return among(
        torch.cat(new TensorVector(one, two)),
        torch.cat(new TensorVector(labels, labels)),
        temperature);
  }

  /** The same of any number of views, one after the other, each row with its label. */
  static Tensor among(Tensor rows, Tensor of, double temperature) {
    Tensor z = UnitRows.of(rows);
    Tensor itself = Shapes.diagonal(z);
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    Tensor logits = z.matmul(z.t()).div(new Scalar(temperature)).masked_fill(itself, never);
    Tensor other = of.unsqueeze(0).ne(of.unsqueeze(1));
    return logits.logsumexp(1).sub(logits.masked_fill(other, never).logsumexp(1)).mean();
  }
}
