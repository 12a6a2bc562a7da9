package dev.millrace.learn.objective;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * MAE's loss (He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022): the pixels
 * of the patches that were hidden. Stateless and thread-safe.
 */
public final class MaskedPixels {
  private static final double EPSILON = 1e-6;

  private MaskedPixels() {}

  /**
   * Mean over the hidden patches of the mean squared error of their pixels.
   *
   * @param images {@code [N, 3, H, W] float32}, H and W multiples of the patch's side
   * @param prediction {@code [N, T, 3·patch²] float32}, T = HW/patch², each patch by rows of
   *     pixels, a pixel's channels together; the gradient flows into it
   * @param mask {@code [N, T] float32}, 1 where a patch was hidden; at least one
   * @param patch side of a patch in pixels
   * @param normalised whether each patch is to be predicted less its mean, over its deviation
   * @return scalar float32; call inside a pointer scope, which closes it and what it is made of
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static Tensor loss(
      Tensor images, Tensor prediction, Tensor mask, int patch, boolean normalised) {
    return loss(images, prediction, mask, patch, normalised, EPSILON);
  }

  /** With another small number beside a patch's variance. */
  static Tensor loss(
      Tensor images,
      Tensor prediction,
      Tensor mask,
      int patch,
      boolean normalised,
      double epsilon) {
    Tensor target = patches(images.detach(), patch);
    if (prediction.dim() != 3
        || prediction.numel() != target.numel()
        || prediction.size(1) != target.size(1)
        || mask.dim() != 2
        || mask.size(0) != target.size(0)
        || mask.size(1) != target.size(1)) {
      throw new IllegalArgumentException(
          "found predictions %s and mask %s for patches %s; expected the patches' shape, and its first two numbers: predict every patch"
              .formatted(Shapes.of(prediction), Shapes.of(mask), Shapes.of(target)));
    }
    Tensor wanted = normalised ? normalised(target, epsilon) : target;
    Tensor error = prediction.sub(wanted).square().mean(2);
    return error.mul(mask).sum().div(mask.sum());
  }

  /**
   * Pictures as patches.
   *
   * @param images {@code [N, 3, H, W]}
   * @param patch side of a patch, which divides H and W
   * @return {@code [N, T, 3·patch²]}, row by row; within a patch by rows of pixels, a pixel's
   *     channels together
   */
  public static Tensor patches(Tensor images, int patch) {
    if (images.dim() != 4
        || patch < 1
        || images.size(2) % patch != 0
        || images.size(3) % patch != 0) {
      throw new IllegalArgumentException(
          "found pictures %s and patches of %d pixels; expected pictures [N, C, H, W] that patches divide"
              .formatted(Shapes.of(images), patch));
    }
    long n = images.size(0);
    long channels = images.size(1);
    long rows = images.size(2) / patch;
    long columns = images.size(3) / patch;
    return images
        .reshape(n, channels, rows, patch, columns, patch)
        .permute(0, 2, 4, 3, 5, 1)
        .reshape(n, rows * columns, patch * patch * channels);
  }

  private static Tensor normalised(Tensor patches, double epsilon) {
    double pixels = patches.size(2);
    Tensor mean = patches.mean(2).unsqueeze(2);
    Tensor centred = patches.sub(mean);
    Tensor variance = centred.square().sum(2).unsqueeze(2).div(new Scalar(pixels - 1));
    return centred.div(variance.add(new Scalar(epsilon)).sqrt());
  }
}
