package dev.millrace.vision.encoder;

import org.bytedeco.pytorch.Tensor;

/**
 * Writes a frozen network down for another program: it hears of every step in the order in which it
 * is computed, by {@link FrozenEncoder#transcribe}.
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

  /**
   * A grid of places as tokens, row by row, one more before them, and positions added.
   *
   * @param grid {@code [N, D, H, W]}
   * @param first {@code [1, 1, D] float32}; gone after the call
   * @param positions {@code [1, 1 + H·W, D] float32}; gone after the call
   * @return {@code [N, 1 + H·W, D]}
   */
  T tokens(T grid, Tensor first, Tensor positions);

  /**
   * Layer normalisation over the last axis.
   *
   * @param weight {@code [D] float32}, contiguous, as bias; gone after the call
   */
  T normalise(String name, T x, Tensor weight, Tensor bias, double epsilon);

  /**
   * A linear layer over the last axis.
   *
   * @param weight {@code [O, I] float32}, contiguous; gone after the call
   * @param bias {@code [O] float32}, contiguous; gone after the call
   */
  T linear(String name, T x, Tensor weight, Tensor bias);

  /**
   * Scaled dot-product attention.
   *
   * @param qkv {@code [N, T, 3·heads·width]}: queries, keys and values of all heads
   * @return {@code [N, T, heads·width]}
   */
  T attend(T qkv, int heads, int width);

  /** The Gaussian error linear unit, exact. */
  T gelu(T x);

  /** The sum of two of one shape. */
  T add(T x, T y);

  /** The first token, {@code [N, D]}. */
  T first(T x);

  /** Features as they are, {@code [N, D]}, in single precision. */
  T features(T x);
}
