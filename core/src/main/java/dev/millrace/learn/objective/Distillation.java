package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * CaSSLe's contrastive distillation (Fini et al., "Self-Supervised Models are Continual Learners",
 * CVPR 2022, eq. 6): a prediction must tell the frozen embedding of its own view among those of the
 * whole batch. Stateless and thread-safe.
 */
public final class Distillation {
  private Distillation() {}

  /**
   * Mean over rows of −log softmax(a·bᵀ/τ) at the row's own column, rows brought to norm 1 first.
   *
   * @param a {@code [N, d] float32}
   * @param b {@code [N, d] float32}; the gradient flows into both
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor contrast(Tensor a, Tensor b, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(a, b);
    Tensor logits = UnitRows.of(a).matmul(UnitRows.of(b).t()).div(new Scalar(temperature));
    return torch.log_softmax(logits, 1).diagonal().mean().neg();
  }

  /**
   * The mean of both directions: predictions among frozen embeddings, and the other way.
   *
   * @param predictions {@code [N, d] float32}; the gradient flows into them
   * @param frozen {@code [N, d] float32}; detached here
   */
  public static Tensor loss(Tensor predictions, Tensor frozen, double temperature) {
    Tensor past = frozen.detach();
    return contrast(predictions, past, temperature)
        .add(contrast(past, predictions, temperature))
        .mul(new Scalar(0.5));
  }
}
