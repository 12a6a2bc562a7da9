package dev.millrace.learn.objective;

import dev.millrace.engine.UnitRows;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Osiris' cross-task loss (Zhang, Charlin, Zemel, Ren, "Integrating Present and Past in
 * Unsupervised Continual Learning", CoLLAs 2024): each view must find the other one of its picture
 * among the views of pictures of another kind only. Stateless and thread-safe.
 */
public final class CrossContrast {
  private CrossContrast() {}

  /**
   * Mean over the 2N views of −log softmax of its likeness to the other view, beside that to every
   * negative, over τ; rows are brought to norm 1 first.
   *
   * @param one embeddings of the first views, {@code [N, d] float32}
   * @param two of the second, {@code [N, d] float32}
   * @param negatives of the others, {@code [M, d] float32}; the gradient flows into all
   * @param temperature τ &gt; 0
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes or the temperature do not fit
   */
  public static Tensor loss(Tensor one, Tensor two, Tensor negatives, double temperature) {
    Shapes.requireTemperature(temperature);
    Shapes.requireAlike(one, two);
    Tensor first = UnitRows.of(one);
    Tensor second = UnitRows.of(two);
    Tensor others = UnitRows.of(negatives).t();
    Tensor positive = first.mul(second).sum(1).unsqueeze(1);
    return way(positive, first.matmul(others), temperature)
        .add(way(positive, second.matmul(others), temperature))
        .mul(new Scalar(0.5));
  }

  private static Tensor way(Tensor positive, Tensor negative, double temperature) {
    Tensor logits = torch.cat(new TensorVector(positive, negative), 1);
    return torch.log_softmax(logits.div(new Scalar(temperature)), 1).select(1, 0).mean().neg();
  }
}
