package dev.millrace.vision.encoder;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * An encoder under fine-tuning for dense tasks. Not thread-safe; close it to free what is frozen.
 */
public interface TunedEncoder extends AutoCloseable {
  /**
   * What the stages make of a batch; gradients flow into the trained weights.
   *
   * @param x {@code [N, 3, H, W] float32}
   * @return {@code [N, C, H / stride, W / stride]} per stage, float32 or as autocast has it, sizes
   *     rounded up, the finest first; the caller's scope owns them
   */
  List<Tensor> stages(Tensor x);

  @Override
  void close();
}
