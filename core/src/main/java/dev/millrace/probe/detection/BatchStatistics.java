package dev.millrace.probe.detection;

import dev.millrace.vision.encoder.ResNet;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Running statistics for an encoder that has none: one that was never trained is no network that
 * frozen normalisation could be asked of, since its activations grow from block to block. So the
 * comparison with it is fair, its statistics are taken from the pictures it will learn from (after
 * He et al., "Rethinking ImageNet Pre-training", ICCV 2019, §3: what is trained from scratch needs
 * fitting normalisation). Stateless.
 */
public final class BatchStatistics {
  /** Batches after which the first one's weight in the running mean is below 1 %. */
  private static final int BATCHES = 45;

  private BatchStatistics() {}

  /**
   * Passes pictures through an encoder in training mode, so that its running statistics become
   * theirs; weights stay.
   *
   * @param pictures at least one
   * @param how size and batch
   */
  public static void take(
      ResNet encoder,
      List<AnnotatedPicture> pictures,
      FineTuning.Settings how,
      Normalisation normalisation)
      throws IOException {
    int[] strides = encoder.shape().strides();
    DetectionViews views =
        new DetectionViews(
            new ViewMaker(Augmentation.mocoV2(how.size()), normalisation),
            strides[strides.length - 1]);
    int batch = Math.min(how.batch(), pictures.size());
    for (int b = 0; b < BATCHES; b++) {
      int from = b * batch % (pictures.size() - batch + 1);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        DetectionBatch some =
            views.of(pictures.subList(from, from + batch), how.size(), new boolean[batch]);
        encoder.forward(some.pictures().to(encoder.device().torch(), ScalarType.Float), true);
      }
    }
  }
}
