package dev.millrace.vision.encoder;

import org.bytedeco.pytorch.Tensor;

/**
 * Writes a frozen network down for another program: told of every step in the order in which it is
 * computed, by {@link FrozenResNet#transcribe}.
 *
 * @param <T> what stands for a batch on its way, such as a name
 */
public interface Transcript<T> {
  /**
   * A convolution by a square kernel, the normalisation after it folded in.
   *
   * @param name torchvision's name of the convolution, such as {@code layer1.0.conv1}
   * @param weight {@code [O, I, K, K] float32}, contiguous; gone after the call
   * @param bias {@code [O] float32}, contiguous; gone after the call
   * @param padding zeros on each of the four sides
   * @param relu whether negative results become 0
   */
  T convolution(
      String name, T x, Tensor weight, Tensor bias, long stride, long padding, boolean relu);

  /** The sum of a block and its shortcut, negative results 0. */
  T join(T y, T shortcut);

  /** Max pooling by 3×3, stride 2, one pixel of padding on each side. */
  T pool(T x);

  /** The mean over all pixels: the features, {@code [N, D]}. */
  T mean(T x);
}
