package dev.millrace.learn.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What a method compares a network's outputs with, none of it with a graph. */
public interface Targets {
  /** All tensors of it, so that they can be kept. */
  List<Tensor> tensors();
}
