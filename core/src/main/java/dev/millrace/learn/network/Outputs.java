package dev.millrace.learn.network;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What the network being trained made of the views that a method shows it, with their graph; of
 * each list one per view shown, in the views' order.
 *
 * @param features the encoder's, {@code [N, D] float32}
 * @param embeddings the projector's, {@code [N, d]}
 * @param predictions a predictor's, {@code [N, d]}; empty for a method that has none
 */
public record Outputs(List<Tensor> features, List<Tensor> embeddings, List<Tensor> predictions) {
  /** Of a network without a predictor. */
  public Outputs(List<Tensor> features, List<Tensor> embeddings) {
    this(features, embeddings, List.of());
  }
}
