package dev.millrace.learn.method;

import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The loss of one fixed batch as a function of the network's weights only: whatever else the loss
 * uses is kept as it was. In single precision, with normalisations by the batch's own statistics
 * and through operators that can be derived twice. Valid while method and network are open; not
 * thread-safe; close it to free what it keeps.
 */
public final class FixedLoss implements Supplier<Tensor>, AutoCloseable {
  private final Supplier<Tensor> loss;
  private final List<Tensor> kept;

  private FixedLoss(Supplier<Tensor> loss, List<Tensor> kept) {
    this.loss = loss;
    this.kept = kept;
    kept.forEach(Tensor::retainReference);
  }

  /**
   * The loss of a batch at the method's present state, which neither this nor asking it changes.
   *
   * @param views copied; as many as the method needs
   * @return closed by the caller
   */
  public static <T extends Targets> FixedLoss of(Method<T> method, Views views) {
    try (PointerScope scope = new PointerScope()) {
      Views own = views.copy();
      T targets;
      try (NoGradGuard stop = new NoGradGuard()) {
        targets =
            method.targets(own, method.outputs(own, Mode.DIFFERENTIABLE), Mode.DIFFERENTIABLE);
      }
      List<Tensor> kept = new ArrayList<>(own.tensors());
      kept.addAll(targets.tensors());
      return new FixedLoss(
          () -> {
            Outputs made = method.outputs(own, Mode.DIFFERENTIABLE);
            return method.loss(made, targets);
          },
          kept);
    }
  }

  /** The loss at the network's present weights, a scalar float32 with its graph. */
  @Override
  public Tensor get() {
    return loss.get();
  }

  @Override
  public void close() {
    kept.forEach(Tensor::releaseReference);
  }
}
