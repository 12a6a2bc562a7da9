package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * MoCo's contrastive loss (He et al., "Momentum Contrast for Unsupervised Visual Representation
 * Learning", CVPR 2020, eq. 1): the query must tell its own key among the K of a queue. Stateless
 * and thread-safe.
 */
public final class InfoNce {
  private InfoNce() {}

  /**
   * Mean over the queries of −log(exp(q·k₊/τ) / (exp(q·k₊/τ) + Σ exp(q·kᵢ/τ))), computed through
   * log-softmax and thus finite at any τ that float32 can divide by.
   *
   * @param q queries {@code [N, d] float32}, rows of norm 1; the gradient flows into them
   * @param kPositive keys {@code [N, d] float32}, rows of norm 1; detached here
   * @param queue negatives {@code [K, d] float32}, rows of norm 1, K ≥ 1; detached here. Autograd
   *     keeps it until {@code backward}: enqueue new keys after that, or pass a clone
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor q, Tensor kPositive, Tensor queue, double temperature) {
    return loss(q, kPositive, queue, null, temperature);
  }

  /**
   * Like {@link #loss(Tensor, Tensor, Tensor, double)}, without the keys of a query's own picture
   * among its negatives: an older view of a picture is no other picture.
   *
   * @param own {@code [N, K] bool}, which keys of the queue are of the query's own picture; null
   *     for none
   */
  public static Tensor loss(
      Tensor q, Tensor kPositive, Tensor queue, Tensor own, double temperature) {
    Shapes.requireTemperature(temperature);
    if (q.dim() != 2
        || kPositive.dim() != 2
        || queue.dim() != 2
        || q.size(0) < 1
        || queue.size(0) < 1
        || q.size(0) != kPositive.size(0)
        || q.size(1) != kPositive.size(1)
        || q.size(1) != queue.size(1)) {
      throw new IllegalArgumentException(
          "found queries "
              + Shapes.of(q)
              + ", keys "
              + Shapes.of(kPositive)
              + " and queue "
              + Shapes.of(queue)
              + ", expected [N, d], [N, d] and [K, d]: project all with the same head");
    }
    Tensor logits = logits(q, kPositive, queue, own, temperature);
    return torch.log_softmax(logits, 1).select(1, 0).mean().neg();
  }

  /**
   * What the loss takes the softmax of: each query's likeness to its own key, then to each of the
   * queue, over the temperature. Arguments are as those of the loss, and not checked.
   *
   * @return {@code [N, 1 + K] float32}; −∞ where {@code own} is
   */
  public static Tensor logits(
      Tensor q, Tensor kPositive, Tensor queue, Tensor own, double temperature) {
    Tensor positive = q.mul(kPositive.detach()).sum(1).unsqueeze(1);
    Tensor negative = torch.matmul(q, queue.detach().t());
    if (own != null) {
      negative = negative.masked_fill(own, new Scalar(Double.NEGATIVE_INFINITY));
    }
    return torch.cat(new TensorVector(positive, negative), 1).div(new Scalar(temperature));
  }
}
