package dev.millrace.probe.detection;

import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.RunningStatistics;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Statistics of the pictures that an encoder will be tuned on, in the place of those it brings: of
 * the small crops of its pre-training, or of none. Every encoder begins like this, so that a
 * comparison is of weights alone (after He et al., "Rethinking ImageNet Pre-training", ICCV 2019,
 * §3: what is trained needs fitting normalisation). Stateless.
 */
public final class BatchStatistics {
  /** Batches after which the first one's weight in the running mean is below 1 % of the last's. */
  private static final int BATCHES = 45;

  private BatchStatistics() {}

  /**
   * Passes pictures through an encoder in training mode, so that its running statistics become
   * theirs, whatever they were; weights stay.
   *
   * @param pictures at least one
   * @param how size and batch
   */
  public static void take(
      EncoderNet encoder,
      List<AnnotatedPicture> pictures,
      FineTuning.Settings how,
      Normalisation normalisation)
      throws IOException {
    int[] strides = FasterRcnn.stages(encoder.spec()).strides();
    DetectionViews views =
        new DetectionViews(
            new ViewMaker(Augmentation.mocoV2(how.size()), normalisation),
            strides[strides.length - 1]);
    int batch = Math.min(how.batch(), pictures.size());
    running(encoder, 0);
    for (int b = 0; b < BATCHES; b++) {
      int from = b * batch % (pictures.size() - batch + 1);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        DetectionBatch some =
            views.of(pictures.subList(from, from + batch), how.size(), new boolean[batch]);
        encoder.forward(some.pictures().to(encoder.device().torch(), ScalarType.Float), true);
      }
    }
    // A running mean that began at zero lacks that share.
    running(encoder, 1 / RunningStatistics.share(BATCHES));
  }

  private static void running(EncoderNet encoder, double factor) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      encoder
          .state()
          .forEach(
              (name, tensor) -> {
                if (name.endsWith(".running_mean") || name.endsWith(".running_var")) {
                  if (factor == 0) {
                    tensor.detach().zero_(); // also of what is not finite
                  } else {
                    tensor.detach().mul_(new Scalar(factor));
                  }
                }
              });
    }
  }
}
