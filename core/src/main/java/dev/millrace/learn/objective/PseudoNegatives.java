package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * PNR's losses: what it puts beside SimCLR's, and in place of MoCo's (Cha, Cho, Moon, "Regularizing
 * with Pseudo-Negatives for Continual Self-Supervised Learning", ICML 2024, section 3): embeddings
 * of the present and of the past model are negatives of each other. Beside SimCLR's, rows are those
 * of all views, one view after the other, and are brought to norm 1 first. Stateless and
 * thread-safe.
 */
public final class PseudoNegatives {
  private PseudoNegatives() {}

  /**
   * What {@link NtXent} grows by where each view has the past's embeddings of all views but itself
   * among its negatives: mean over rows of log(1 + Σ exp(z·ẑ′/τ) / Σ exp(z·z′/τ)), z′ and ẑ′ of
   * every other row.
   *
   * @param now z, {@code [R, d] float32}, R ≥ 2; the gradient flows into them
   * @param past ẑ, {@code [R, d] float32}, of the same views; detached here
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor beside(Tensor now, Tensor past, double temperature) {
    require(now, past, temperature);
    Tensor z = UnitRows.of(now);
    Tensor own = others(z, z, temperature).logsumexp(1);
    Tensor theirs = others(z, UnitRows.of(past.detach()), temperature).logsumexp(1);
    return torch.softplus(theirs.sub(own)).mean();
  }

  /**
   * The loss of predictions of the past, by {@link DecoupledContrast}'s kind: mean over rows of
   * −p·ẑ/τ + log(Σ exp(p·ẑ′/τ) + Σ exp(p·z′/τ)), ẑ′ and z′ of every other row.
   *
   * @param predictions p, {@code [R, d] float32}, R ≥ 2; the gradient flows into them
   * @param past ẑ, {@code [R, d] float32}, of the same views; detached here
   * @param now z, {@code [R, d] float32}, of the same views; the gradient flows into them
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor predicted(Tensor predictions, Tensor past, Tensor now, double temperature) {
    require(predictions, past, temperature);
    Shapes.requireAlike(predictions, now);
    Tensor p = UnitRows.of(predictions);
    Tensor then = UnitRows.of(past.detach());
    Tensor all =
        torch.cat(
            new TensorVector(
                others(p, then, temperature), others(p, UnitRows.of(now), temperature)),
            1);
    Tensor positive = p.mul(then).sum(1).div(new Scalar(temperature));
    return all.logsumexp(1).sub(positive).mean();
  }

  /**
   * MoCo's loss where queries and their predictions of the past, each with its own positive, have
   * the queues of both models as negatives. Rows are of norm 1, and those of what {@link InfoNce}
   * takes.
   *
   * @param negatives of both queues, {@code [K, d] float32}
   * @param left which of them are no negatives of a query, {@code [N, K] bool}; null for none
   * @param temperature τ &gt; 0
   * @param weight of the predictions' part
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   */
  public static Tensor queued(
      Tensor query,
      Tensor key,
      Tensor prediction,
      Tensor past,
      Tensor negatives,
      Tensor left,
      double temperature,
      double weight) {
    return InfoNce.loss(query, key, negatives, left, temperature)
        .add(InfoNce.loss(prediction, past, negatives, left, temperature).mul(new Scalar(weight)));
  }

  private static void require(Tensor one, Tensor two, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(one, two);
    Shapes.requireRows(one, 2);
  }

  /** Logits of each row against every other one. */
  private static Tensor others(Tensor of, Tensor against, double temperature) {
    return of.matmul(against.t())
        .div(new Scalar(temperature))
        .masked_fill(Shapes.diagonal(of), new Scalar(Double.NEGATIVE_INFINITY));
  }
}
