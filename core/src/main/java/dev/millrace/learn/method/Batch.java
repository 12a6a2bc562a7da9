package dev.millrace.learn.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step learns from; the tensors live as long as the step.
 *
 * @param views one {@code [N, 3, S, S] float32} tensor a view
 * @param labels {@code [N] int64} indices into the stream's classes; null for every method but
 *     {@link Supervised}
 * @param pictures {@code [N, 2] int64}, which picture each row is: the chunk it came with, and a
 *     number that only equal pictures of that chunk share; null where nobody knows
 */
public record Batch(List<Tensor> views, Tensor labels, Tensor pictures) {
  /** Of pictures that nobody knows. */
  public Batch(List<Tensor> views, Tensor labels) {
    this(views, labels, null);
  }
}
