package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * DCL's loss (Yeh et al., "Decoupled Contrastive Learning", ECCV 2022, eq. 6): as {@link NtXent},
 * without the positive among what it is weighed against, so that small batches learn as fast.
 * Stateless and thread-safe.
 */
public final class DecoupledContrast {
  private DecoupledContrast() {}

  /**
   * Mean over the 2N views of −z·z₊/τ + log Σ exp(z·z′/τ), z′ over both views of the other
   * pictures; rows are brought to norm 1 first. Below 0 where negatives are far.
   *
   * @param one embeddings of the first views, {@code [N, d] float32}, N ≥ 2
   * @param two of the second, {@code [N, d] float32}; the gradient flows into both
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(one, two);
    Shapes.requireRows(one, 2);
    Tensor a = UnitRows.of(one);
    Tensor b = UnitRows.of(two);
    return oneWay(a, b, temperature).add(oneWay(b, a, temperature)).mul(new Scalar(0.5));
  }

  private static Tensor oneWay(Tensor of, Tensor other, double temperature) {
    Tensor itself = Shapes.diagonal(of);
    Scalar never = new Scalar(Double.NEGATIVE_INFINITY);
    Tensor same = of.matmul(of.t()).div(new Scalar(temperature));
    Tensor across = of.matmul(other.t()).div(new Scalar(temperature));
    Tensor others =
        torch.cat(
            new TensorVector(same.masked_fill(itself, never), across.masked_fill(itself, never)),
            1);
    return others.logsumexp(1).sub(across.diagonal()).mean();
  }
}
