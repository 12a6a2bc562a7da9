package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A feature pyramid: the encoder's stages brought to one width, the coarser added to the finer (Lin
 * et al., "Feature Pyramid Networks", CVPR 2017, §3), each layer normalised where so is asked, and
 * one coarser level for the anchors alone, every second place of the last. Not thread-safe while
 * training.
 */
final class Pyramid {
  private static final String NORMALISED = ".normalised";

  private final Weights weights;
  private final int stages;
  private final boolean normalised;

  /**
   * @param normalised whether layers are, in groups; torchvision's are not
   */
  Pyramid(Weights weights, int stages, boolean normalised) {
    this.weights = weights;
    this.stages = stages;
    this.normalised = normalised;
  }

  /** Adds its layers; in are the channels of the stages, out those of every level. */
  static void layout(Parameters.Layout.Builder into, int[] in, int out, boolean normalised) {
    for (int s = 0; s < in.length; s++) {
      Weights.convolution(into, "fpn.inner." + s, in[s], out, 1);
      Weights.convolution(into, "fpn.layer." + s, out, out, 3);
      if (normalised) {
        Weights.normalisation(into, "fpn.inner." + s + NORMALISED, out);
        Weights.normalisation(into, "fpn.layer." + s + NORMALISED, out);
      }
    }
  }

  /** torchvision's: uniform with variance 1/fan-in, which keeps the scale without a ReLU. */
  void initialise(Draw draw) {
    for (int s = 0; s < stages; s++) {
      for (String name : List.of("fpn.inner." + s, "fpn.layer." + s)) {
        weights.uniform(name, Math.sqrt(3.0 / weights.fanIn(name)), draw.at(name.charAt(4)).at(s));
        if (normalised) {
          weights.identity(name + NORMALISED);
        }
      }
    }
  }

  /**
   * The levels, the finest first, one more than stages.
   *
   * @param stages of {@code [N, C, H, W]}
   * @return of {@code [N, out, H, W]}
   */
  List<Tensor> forward(List<Tensor> stages) {
    List<Tensor> levels = new ArrayList<>();
    Tensor above = null;
    for (int s = stages.size() - 1; s >= 0; s--) {
      Tensor inner = layer("fpn.inner." + s, stages.get(s));
      if (above != null) {
        inner =
            inner.add(torch.upsample_nearest2d(above, new long[] {inner.size(2), inner.size(3)}));
      }
      above = inner;
      levels.add(0, layer("fpn.layer." + s, inner));
    }
    LongOptional all = new LongOptional();
    levels.add(levels.get(levels.size() - 1).slice(2, all, all, 2).slice(3, all, all, 2));
    return levels;
  }

  private Tensor layer(String name, Tensor x) {
    Tensor y = weights.convolve(name, x);
    return normalised ? weights.normalise(name + NORMALISED, y) : y;
  }
}
