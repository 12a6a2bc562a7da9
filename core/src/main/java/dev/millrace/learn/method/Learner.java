package dev.millrace.learn.method;

import dev.millrace.learn.network.Network;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A network and the method that learns it, closed together. Not thread-safe.
 *
 * @param method over this very network
 */
public record Learner(Network network, Method<?> method) implements AutoCloseable {
  /** What the names of its tensors in checkpoints begin with. */
  public static final String NAME = "method.";

  /**
   * Takes over an encoder in place of the drawn one, its running statistics too; may be called only
   * before the first step.
   *
   * @param encoder by torchvision's names, float32; copied
   * @throws IllegalArgumentException if one is missing or has another shape
   */
  public void startFrom(Map<String, Tensor> encoder) {
    network.encoder().load(encoder);
    method.takeOver();
  }

  /**
   * Everything a later run needs to go on exactly, by the names that checkpoints have: each begins
   * with {@link #NAME}; live tensors.
   */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    network.state().forEach((name, tensor) -> state.put(NAME + name, tensor));
    method.state().forEach((name, tensor) -> state.put(NAME + name, tensor));
    return state;
  }

  @Override
  public void close() {
    try {
      method.close();
    } finally {
      network.close();
    }
  }
}
