package dev.millrace.learn.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step learns from; the tensors live as long as the step.
 *
 * @param views one {@code [N, 3, S, S] float32} tensor a view
 * @param labels {@code [N] int64} indices into the stream's classes; null for every method but
 *     {@link Supervised}
 */
public record Batch(List<Tensor> views, Tensor labels) {}
