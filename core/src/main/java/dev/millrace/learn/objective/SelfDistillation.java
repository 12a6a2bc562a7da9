package dev.millrace.learn.objective;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * DINO's loss (Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV
 * 2021, eqs. 1 to 4): from one view, what the teacher says of another, centred and sharpened.
 * Stateless and thread-safe.
 */
public final class SelfDistillation {
  private SelfDistillation() {}

  /**
   * What the teacher says of a view: softmax((t − c)/τ).
   *
   * @param teacher its scores, {@code [N, K] float32}; detached here
   * @param centre c, {@code [K] float32}
   * @param temperature τ &gt; 0
   * @return {@code [N, K] float32}, rows that sum to 1; call inside a pointer scope, which closes
   *     it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor said(Tensor teacher, Tensor centre, double temperature) {
    Shapes.requireTemperature(temperature);
    if (teacher.dim() != 2 || centre.dim() != 1 || centre.size(0) != teacher.size(1)) {
      throw new IllegalArgumentException(
          "found scores %s and centre %s; expected [N, K] and [K]: centre what the same head says"
              .formatted(Shapes.of(teacher), Shapes.of(centre)));
    }
    return torch.softmax(
        teacher.detach().sub(centre.detach().unsqueeze(0)).div(new Scalar(temperature)), 1);
  }

  /**
   * Mean over all pairs of a view that the teacher saw and another that the student saw of the mean
   * over pictures of −Σ said · log softmax(student/τ).
   *
   * @param student its scores of each view, {@code [N, K] float32} each; the gradient flows into
   *     them
   * @param said by the teacher of the first views, as {@link #said}
   * @param temperature the student's τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes, numbers of views or the temperature do not fit
   */
  public static Tensor loss(List<Tensor> student, List<Tensor> said, double temperature) {
    return SwappedPrediction.loss(student, said, temperature);
  }
}
