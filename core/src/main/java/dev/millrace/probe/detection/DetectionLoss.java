package dev.millrace.probe.detection;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of Faster R-CNN's two stages (Ren et al., NeurIPS 2015, §3.1.2), with torchvision's
 * scales: boxes by a smooth L1 loss that turns square below 1/9, summed over the foreground and
 * divided by all that were sampled. Stateless.
 *
 * @param classes what a box is: scalar float32
 * @param boxes where it is: scalar float32
 */
record DetectionLoss(Tensor classes, Tensor boxes) {
  private static final double BETA = 1.0 / 9;
  private static final long SUM = 2;

  /**
   * The first stage's.
   *
   * @param logits {@code [S]} of being an object, of the sampled anchors
   * @param truth {@code [S]}, 1 for foreground, else 0
   * @param offsets {@code [F, 4]} of the foreground among them
   * @param wanted {@code [F, 4]}
   */
  static DetectionLoss proposals(Tensor logits, Tensor truth, Tensor offsets, Tensor wanted) {
    return new DetectionLoss(
        torch.binary_cross_entropy_with_logits(logits, truth),
        boxes(offsets, wanted, logits.size(0)));
  }

  /**
   * The second stage's.
   *
   * @param logits {@code [S, 1 + K]}, background first
   * @param labels {@code [S] int64}, 0 for background
   * @param offsets {@code [F, 4]} of the foreground, for its true class
   * @param wanted {@code [F, 4]}
   */
  static DetectionLoss detections(Tensor logits, Tensor labels, Tensor offsets, Tensor wanted) {
    return new DetectionLoss(
        torch.cross_entropy(logits, labels), boxes(offsets, wanted, logits.size(0)));
  }

  private static Tensor boxes(Tensor offsets, Tensor wanted, long samples) {
    return torch
        .smooth_l1_loss(offsets, wanted, SUM, BETA)
        .div(new Scalar((double) Math.max(1, samples)));
  }

  /** Both, weighed alike. */
  Tensor sum() {
    return classes.add(boxes);
  }
}
