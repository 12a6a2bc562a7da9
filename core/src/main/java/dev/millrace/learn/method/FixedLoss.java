package dev.millrace.learn.method;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The loss of one fixed batch as a function of a method's weights alone: whatever else the loss
 * uses is kept as it was. In single precision, with normalisations by the batch's own statistics
 * and through operators that can be derived twice. Valid while its method is open; not thread-safe;
 * close it to free what it keeps.
 */
public final class FixedLoss implements Supplier<Tensor>, AutoCloseable {
  private final Supplier<Tensor> loss;
  private final List<Tensor> kept;

  /**
   * @param loss asked in the caller's scope
   * @param kept what the loss uses beside the weights; retained here until closed, null ones left
   *     out
   */
  FixedLoss(Supplier<Tensor> loss, Tensor... kept) {
    this.loss = loss;
    this.kept = Arrays.stream(kept).filter(Objects::nonNull).toList();
    this.kept.forEach(Tensor::retainReference);
  }

  /** The loss at the method's present weights, a scalar float32 with its graph. */
  @Override
  public Tensor get() {
    return loss.get();
  }

  @Override
  public void close() {
    kept.forEach(Tensor::releaseReference);
  }
}
