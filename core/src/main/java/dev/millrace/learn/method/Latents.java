package dev.millrace.learn.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Embeddings without a graph that predictions are compared with.
 *
 * @param embeddings {@code [N, d] float32} per view
 */
record Latents(List<Tensor> embeddings) implements Targets {
  @Override
  public List<Tensor> tensors() {
    return embeddings;
  }
}
