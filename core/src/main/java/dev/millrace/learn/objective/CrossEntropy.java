package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The loss of the supervised reference run: mean softmax cross-entropy. Stateless. */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Mean of −log softmax(logits)[label].
   *
   * @param logits {@code [N, C] float32}; the gradient flows into them
   * @param labels {@code [N] int64}, each 0 … C − 1
   * @return scalar float32; the caller (or its pointer scope) closes it
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public static Tensor loss(Tensor logits, Tensor labels) {
    if (logits.dim() != 2 || labels.dim() != 1 || logits.size(0) != labels.size(0)) {
      throw new IllegalArgumentException(
          "found logits of "
              + logits.dim()
              + " dimensions and labels of "
              + labels.dim()
              + ", expected [N, C] and [N]: give one label a picture");
    }
    return torch.cross_entropy(logits, labels);
  }

  /**
   * Like {@link #loss(Tensor, Tensor)}, where each row's softmax is over some of the classes.
   *
   * @param left {@code [N, C] bool}: true where a class is left out of a row's softmax; never at
   *     its label
   */
  public static Tensor loss(Tensor logits, Tensor labels, Tensor left) {
    return loss(logits.masked_fill(left, new Scalar(Float.NEGATIVE_INFINITY)), labels);
  }
}
