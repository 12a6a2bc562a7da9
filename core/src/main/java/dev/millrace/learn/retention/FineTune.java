package dev.millrace.learn.retention;

import dev.millrace.vision.encoder.ResNet;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Nothing against forgetting: plain sequential training, the paper's ST. */
public final class FineTune implements Retention {
  @Override
  public void afterUpdate(Tensor encoder, double rate) {}

  @Override
  public void consolidate(ResNet net, Tensor encoder, Tensor gradient, Iterable<Tensor> batches) {}

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
