package dev.millrace.learn.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Of methods that compare outputs with each other. */
record Nothing() implements Targets {
  @Override
  public List<Tensor> tensors() {
    return List.of();
  }
}
