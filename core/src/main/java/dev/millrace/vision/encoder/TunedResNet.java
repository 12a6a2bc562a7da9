package dev.millrace.vision.encoder;

import dev.millrace.engine.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A residual network under fine-tuning for dense tasks, as the usual protocol does it (He et al.,
 * "Momentum Contrast", CVPR 2020, §4.2, after Girshick et al.'s Detectron): every normalisation is
 * frozen, statistics and scale alike, and so are the stem and the first stages. A frozen
 * normalisation is a scale of the convolution's outputs and a bias; both go into the convolution,
 * whose weight alone is trained. It copies and never writes to the network it is built from. Not
 * thread-safe while training; close it to free what is frozen.
 */
public final class TunedResNet implements AutoCloseable {
  /** What does not learn of a convolution; weight is null where the parameters hold it. */
  private record Layer(Tensor weight, Tensor scale, Tensor bias) {}

  private final ResNetShape shape;
  private final Parameters weights;
  private final String prefix;
  private final Map<String, Layer> layers = new LinkedHashMap<>();

  /**
   * Adds the trained weights to a layout: the convolutions of the stages after the frozen ones.
   *
   * @param frozen stages that do not learn, 0 … 4; with 1 or more the stem does not either
   * @throws IllegalArgumentException if frozen is out of range
   */
  public static void layout(
      ResNetShape shape, int frozen, Parameters.Layout.Builder into, String prefix) {
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
  public TunedResNet(ResNet net, int frozen, Parameters weights, String prefix) {
    this.shape = net.shape();
    this.weights = weights;
    this.prefix = prefix;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      net.fold(
          (name, weight, gamma, beta, mean, variance) -> {
            Tensor scale = gamma.div(variance.add(new Scalar(ResNet.EPSILON)).sqrt());
            Tensor bias = beta.sub(mean.mul(scale)).detach();
            scale = scale.view(scale.size(0), 1, 1, 1).detach();
            Tensor fixed = null;
            if (frozen(name, frozen)) {
              fixed = weight.mul(scale).detach();
              fixed.retainReference();
            } else {
              weights.get(prefix + name + ".weight").detach().copy_(weight);
            }
            scale.retainReference();
            bias.retainReference();
            layers.put(name, new Layer(fixed, scale, bias));
          });
    }
  }

  private static boolean frozen(String name, int stages) {
    return stages > 0 && (name.equals("conv1") || name.charAt("layer".length()) - '0' <= stages);
  }

  /** Which network this is. */
  public ResNetShape shape() {
    return shape;
  }

  /**
   * What the four stages make of a batch; gradients flow into the trained weights.
   *
   * @param x {@code [N, 3, H, W] float32}
   * @return four of {@code [N, C, H / stride, W / stride]}, float32 or as autocast has it, with the
   *     shape's channels and strides, sizes rounded up, the finest first; the caller's scope owns
   *     them
   */
  public List<Tensor> stages(Tensor x) {
    ResNetLayers.OfTensors fixed =
        (convolution, normalisation, y, stride, padding) -> {
          Layer layer = layers.get(convolution);
          Tensor weight =
              layer.weight() != null
                  ? layer.weight()
                  : weights.get(prefix + convolution + ".weight").mul(layer.scale());
          return ResNetLayers.convolve(y, weight, layer.bias(), stride, padding);
        };
    return ResNetLayers.stages(shape, x.contiguous(MemoryFormat.ChannelsLast), fixed);
  }

  @Override
  public void close() {
    for (Layer layer : layers.values()) {
      if (layer.weight() != null) {
        layer.weight().releaseReference();
      }
      layer.scale().releaseReference();
      layer.bias().releaseReference();
    }
    layers.clear();
  }
}
