package dev.millrace.vision.encoder.resnet;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu_;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Which layers a residual network has, under torchvision's names, and the way of a batch through
 * them; who holds the weights and computes is another's matter.
 */
final class ResNetLayers {
  /** Told of every layer with weights, in storage order. */
  interface Visitor {
    void convolution(String name, int in, int out, int kernel);

    void normalisation(String name, int channels);
  }

  /**
   * Who computes the layers.
   *
   * @param <T> a batch on its way
   */
  interface Layers<T> {
    /** A convolution, the normalisation after it and, if asked for, a ReLU; x stays as it is. */
    T layer(String convolution, String normalisation, T x, long stride, long padding, boolean relu);

    /** ReLU of the sum; y is used up. */
    T join(T y, T shortcut);

    /** The stem's 3×3 max pooling of stride 2. */
    T pool(T x);

    /** The mean over all pixels, {@code [N, D] float32}. */
    T mean(T x);
  }

  /** libtorch's operators, except for the layers with weights. */
  interface OfTensors extends Layers<Tensor> {
    /** A convolution and the normalisation after it, in memory of its own. */
    Tensor of(String convolution, String normalisation, Tensor x, long stride, long padding);

    @Override
    default Tensor layer(
        String convolution,
        String normalisation,
        Tensor x,
        long stride,
        long padding,
        boolean relu) {
      Tensor y = of(convolution, normalisation, x, stride, padding);
      return relu ? relu_(y) : y;
    }

    @Override
    default Tensor join(Tensor y, Tensor shortcut) {
      return relu_(y.add_(shortcut));
    }

    @Override
    default Tensor pool(Tensor x) {
      return max_pool2d(
          x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
    }

    @Override
    default Tensor mean(Tensor x) {
      return adaptive_avg_pool2d(x, new long[] {1, 1}).flatten(1, -1).to(ScalarType.Float);
    }
  }

  private ResNetLayers() {}

  static void visit(ResNetShape shape, Visitor visitor) {
    int width = shape.width();
    visitor.convolution("conv1", 3, width, shape.stem() == ResNetShape.Stem.SMALL ? 3 : 7);
    visitor.normalisation("bn1", width);
    int in = width;
    for (int stage = 0; stage < 4; stage++) {
      int planes = width << stage;
      int out = planes * shape.expansion();
      for (int block = 0; block < shape.blocks()[stage]; block++) {
        String name = "layer" + (stage + 1) + "." + block;
        if (shape.bottleneck()) {
          visitor.convolution(name + ".conv1", in, planes, 1);
          visitor.normalisation(name + ".bn1", planes);
          visitor.convolution(name + ".conv2", planes, planes, 3);
          visitor.normalisation(name + ".bn2", planes);
          visitor.convolution(name + ".conv3", planes, out, 1);
          visitor.normalisation(name + ".bn3", out);
        } else {
          visitor.convolution(name + ".conv1", in, planes, 3);
          visitor.normalisation(name + ".bn1", planes);
          visitor.convolution(name + ".conv2", planes, planes, 3);
          visitor.normalisation(name + ".bn2", planes);
        }
        if (block == 0 && (stage > 0 || in != out)) {
          visitor.convolution(name + ".downsample.0", in, out, 1);
          visitor.normalisation(name + ".downsample.1", out);
        }
        in = out;
      }
    }
  }

  /** The way of a batch through a network's layers, whoever computes them. */
  static <T> T forward(ResNetShape shape, T x, Layers<T> layers) {
    List<T> stages = stages(shape, x, layers);
    return layers.mean(stages.get(stages.size() - 1));
  }

  /** What the stem, each of the four stages and the mean over pixels make of a batch. */
  static <T> List<T> outputs(ResNetShape shape, T x, Layers<T> layers) {
    T stem = stem(shape, x, layers);
    List<T> outputs = new ArrayList<>(List.of(stem));
    outputs.addAll(stages(shape, layers, stem));
    outputs.add(layers.mean(outputs.get(outputs.size() - 1)));
    return outputs;
  }

  /** What each of the four stages makes of a batch, the finest first. */
  static <T> List<T> stages(ResNetShape shape, T x, Layers<T> layers) {
    return stages(shape, layers, stem(shape, x, layers));
  }

  private static <T> T stem(ResNetShape shape, T x, Layers<T> layers) {
    boolean small = shape.stem() == ResNetShape.Stem.SMALL;
    T y = layers.layer("conv1", "bn1", x, small ? 1 : 2, small ? 1 : 3, true);
    return small ? y : layers.pool(y);
  }

  private static <T> List<T> stages(ResNetShape shape, Layers<T> layers, T stem) {
    T y = stem;
    List<T> stages = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < shape.blocks()[stage]; block++) {
        String name = "layer" + (stage + 1) + "." + block;
        y = block(shape, name, y, block == 0 && stage > 0 ? 2 : 1, layers);
      }
      stages.add(y);
    }
    return stages;
  }

  /**
   * A convolution by a square kernel.
   *
   * @param bias {@code [O]}, or null for none
   */
  static Tensor convolve(Tensor x, Tensor weight, Tensor bias, long stride, long padding) {
    if (stride > 1 && padding == 0 && x.size(1) % 16 != 0) {
      // oneDNN writes outside its memory in the backward pass of such a convolution when channels
      // are few (uxlfoundation/oneDNN#6035); picking the pixels first is the same convolution.
      LongOptional all = new LongOptional();
      x = x.slice(2, all, all, stride).slice(3, all, all, stride);
      stride = 1;
    }
    return conv2d(
        x,
        weight,
        bias == null ? new TensorOptional() : new TensorOptional(bias),
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {1, 1},
        1);
  }

  private static <T> T block(ResNetShape shape, String name, T x, int stride, Layers<T> layers) {
    T y;
    if (shape.bottleneck()) {
      y = layers.layer(name + ".conv1", name + ".bn1", x, 1, 0, true);
      y = layers.layer(name + ".conv2", name + ".bn2", y, stride, 1, true);
      y = layers.layer(name + ".conv3", name + ".bn3", y, 1, 0, false);
    } else {
      y = layers.layer(name + ".conv1", name + ".bn1", x, stride, 1, true);
      y = layers.layer(name + ".conv2", name + ".bn2", y, 1, 1, false);
    }
    T shortcut = x;
    // Only the first block of a stage can change shape.
    if (name.endsWith(".0") && (shape.bottleneck() || !name.startsWith("layer1"))) {
      shortcut = layers.layer(name + ".downsample.0", name + ".downsample.1", x, stride, 0, false);
    }
    return layers.join(y, shortcut);
  }
}
