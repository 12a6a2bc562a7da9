package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.Normalisations;
import dev.millrace.vision.encoder.TunedEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A residual network under fine-tuning for dense tasks. Its normalisations keep the statistics that
 * the network brings, which are to be those of the pictures it is tuned on ({@code
 * BatchStatistics}): batches of few large pictures give none of their own that could be trusted (Wu
 * and He, "Group Normalization", ECCV 2018, §1). Their scales and shifts learn, as in He et al.,
 * "Momentum Contrast", CVPR 2020, §4.2, who tune all layers with statistics synchronised over
 * devices; or all is frozen, as in Girshick et al.'s Detectron, and so may be the stem and the
 * first stages. A normalisation of fixed statistics is a scale of the convolution's outputs and a
 * bias; both go into the convolution. It copies and never writes to the network it is built from.
 * Not thread-safe while training; close it to free what is frozen.
 */
final class TunedResNet implements TunedEncoder {
  /**
   * What does not learn of a convolution and its normalisation; null where the parameters hold it.
   *
   * @param weight with the scale in it
   * @param unit one over the deviation, {@code [O]}
   * @param scale γ over the deviation, {@code [O]}
   * @param bias with the scale in it, {@code [O]}
   */
  private record Layer(Tensor weight, Tensor unit, Tensor mean, Tensor scale, Tensor bias) {
    void release() {
      for (Tensor tensor : new Tensor[] {weight, unit, mean, scale, bias}) {
        if (tensor != null) {
          tensor.releaseReference();
        }
      }
    }
  }

  private static final String SCALE = ".normalised.weight";
  private static final String SHIFT = ".normalised.bias";

  private final ResNetShape shape;
  private final Parameters weights;
  private final String prefix;
  private final Map<String, Layer> layers = new LinkedHashMap<>();

  /**
   * Adds the trained weights to a layout: those of the stages after the frozen ones.
   *
   * @param frozen stages that do not learn, 0 … 4; with 1 or more the stem does not either
   * @throws IllegalArgumentException if frozen is out of range
   */
  static void layout(
      ResNetShape shape,
      int frozen,
      Normalisations normalisations,
      Parameters.Layout.Builder into,
      String prefix) {
    if (frozen < 0 || frozen > 4) {
      throw new IllegalArgumentException(
          "found %d frozen stages, expected 0 to 4: a residual network has four".formatted(frozen));
    }
    ResNetLayers.visit(
        shape,
        new ResNetLayers.Visitor() {
          @Override
          public void convolution(String name, int in, int out, int kernel) {
            if (!frozen(name, frozen)) {
              into.add(prefix + name + ".weight", out, in, kernel, kernel);
              if (normalisations == Normalisations.TRAINED) {
                into.add(prefix + name + SCALE, out);
                into.add(prefix + name + SHIFT, out);
              }
            }
          }

          @Override
          public void normalisation(String name, int channels) {}
        });
  }

  /**
   * Starts from a network's present weights and running statistics.
   *
   * @param net stays the caller's, unchanged, and may be closed before this is
   * @param frozen stages that do not learn, as in {@link #layout}
   * @param weights hold that layout, stay the caller's, and are written to here
   */
  TunedResNet(
      ResNet net, int frozen, Normalisations normalisations, Parameters weights, String prefix) {
    this.shape = net.spec();
    this.weights = weights;
    this.prefix = prefix;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      net.fold(
          (name, weight, gamma, beta, mean, variance) -> {
            Tensor unit = variance.add(new Scalar(ResNet.EPSILON)).rsqrt();
            Tensor scale = gamma.mul(unit);
            Tensor bias = beta.sub(mean.mul(scale));
            if (frozen(name, frozen)) {
              layers.put(
                  name, new Layer(keep(weight.mul(broad(scale))), null, null, null, keep(bias)));
              return;
            }
            own(name, ".weight").copy_(weight);
            if (normalisations == Normalisations.FROZEN) {
              layers.put(name, new Layer(null, null, null, keep(scale), keep(bias)));
              return;
            }
            own(name, SCALE).copy_(gamma);
            own(name, SHIFT).copy_(beta);
            layers.put(name, new Layer(null, keep(unit), keep(mean.clone()), null, null));
          });
    }
  }

  private Tensor own(String name, String part) {
    return weights.get(prefix + name + part).detach();
  }

  private static Tensor keep(Tensor tensor) {
    Tensor kept = tensor.detach();
    kept.retainReference();
    return kept;
  }

  /** {@code [O]} beside a weight. */
  private static Tensor broad(Tensor scale) {
    return scale.view(scale.size(0), 1, 1, 1);
  }

  private static boolean frozen(String name, int stages) {
    return stages > 0 && (name.equals("conv1") || name.charAt("layer".length()) - '0' <= stages);
  }

  /**
   * What the four stages make of a batch; gradients flow into the trained weights.
   *
   * @param x {@code [N, 3, H, W] float32}
   * @return four of {@code [N, C, H / stride, W / stride]}, float32 or as autocast has it, with the
   *     shape's channels and strides, sizes rounded up, the finest first; the caller's scope owns
   *     them
   */
  @Override
  public List<Tensor> stages(Tensor x) {
    ResNetLayers.OfTensors fixed =
        (convolution, normalisation, y, stride, padding) -> {
          Layer layer = layers.get(convolution);
          if (layer.weight() != null) {
            return ResNetLayers.convolve(y, layer.weight(), layer.bias(), stride, padding);
          }
          Tensor scale = layer.scale();
          Tensor bias = layer.bias();
          if (layer.unit() != null) {
            scale = weights.get(prefix + convolution + SCALE).mul(layer.unit());
            bias = weights.get(prefix + convolution + SHIFT).sub(layer.mean().mul(scale));
          }
          Tensor weight = weights.get(prefix + convolution + ".weight").mul(broad(scale));
          return ResNetLayers.convolve(y, weight, bias, stride, padding);
        };
    return ResNetLayers.stages(shape, x.contiguous(MemoryFormat.ChannelsLast), fixed);
  }

  @Override
  public void close() {
    layers.values().forEach(Layer::release);
    layers.clear();
  }
}
