package dev.millrace.learn.retention;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Nothing against forgetting: plain sequential training, the paper's ST. */
public final class FineTune implements Retention {
  @Override
  public void afterUpdate(Tensor encoder, double rate) {}

  @Override
  public void consolidate(
      UnaryOperator<Tensor> features, Tensor encoder, Tensor gradient, Iterable<Tensor> batches) {}

  @Override
  public int images() {
    return 0;
  }

  @Override
  public Map<String, Tensor> state() {
    return Map.of();
  }

  @Override
  public void close() {}
}
