package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * SimCLR's loss, the normalised temperature-scaled cross entropy (Chen et al., "A Simple Framework
 * for Contrastive Learning of Visual Representations", ICML 2020, eq. 1): of the 2N views of a
 * batch each must tell the other view of its picture among all but itself. Stateless and
 * thread-safe.
 */
public final class NtXent {
  private NtXent() {}

  /**
   * Mean over the 2N views; rows are brought to norm 1 first.
   *
   * @param one embeddings of the first views, {@code [N, d] float32}
   * @param two of the second, {@code [N, d] float32}; the gradient flows into both
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(one, two);
    long n = one.size(0);
    Tensor z = UnitRows.of(torch.cat(new TensorVector(one, two)));
    Tensor logits = z.matmul(z.t()).div(new Scalar(temperature));
    Tensor itself = torch.eye(2 * n).to(z.device(), torch.ScalarType.Bool);
    Tensor among = torch.log_softmax(logits.masked_fill(itself, minusInfinity()), 1);
    // The other view of row i is row i + n, and of row i + n row i.
    Tensor firsts = among.narrow(0, 0, n).narrow(1, n, n).diagonal();
    Tensor seconds = among.narrow(0, n, n).narrow(1, 0, n).diagonal();
    return firsts.add(seconds).mean().mul(new Scalar(-0.5));
  }

  private static Scalar minusInfinity() {
    return new Scalar(Double.NEGATIVE_INFINITY);
  }
}
