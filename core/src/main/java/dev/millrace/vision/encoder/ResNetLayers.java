package dev.millrace.vision.encoder;

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

  /** A convolution and the normalisation after it. */
  interface Layer {
    /** What both make of x, in memory of its own. */
    Tensor of(String convolution, String normalisation, Tensor x, long stride, long padding);
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
  static Tensor forward(ResNetShape shape, Tensor x, Layer layer) {
    List<Tensor> stages = stages(shape, x, layer);
    Tensor y = stages.get(stages.size() - 1);
    return adaptive_avg_pool2d(y, new long[] {1, 1}).flatten(1, -1).to(ScalarType.Float);
  }

  /** What each of the four stages makes of a batch, the finest first. */
  static List<Tensor> stages(ResNetShape shape, Tensor x, Layer layer) {
    boolean small = shape.stem() == ResNetShape.Stem.SMALL;
    Tensor y = relu_(layer.of("conv1", "bn1", x, small ? 1 : 2, small ? 1 : 3));
    if (!small) {
      y =
          max_pool2d(
              y, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
    }
    List<Tensor> stages = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < shape.blocks()[stage]; block++) {
        String name = "layer" + (stage + 1) + "." + block;
        y = block(shape, name, y, block == 0 && stage > 0 ? 2 : 1, layer);
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

  private static Tensor block(ResNetShape shape, String name, Tensor x, int stride, Layer layer) {
    Tensor y;
    if (shape.bottleneck()) {
      y = relu_(layer.of(name + ".conv1", name + ".bn1", x, 1, 0));
      y = relu_(layer.of(name + ".conv2", name + ".bn2", y, stride, 1));
      y = layer.of(name + ".conv3", name + ".bn3", y, 1, 0);
    } else {
      y = relu_(layer.of(name + ".conv1", name + ".bn1", x, stride, 1));
      y = layer.of(name + ".conv2", name + ".bn2", y, 1, 1);
    }
    Tensor shortcut = x;
    // Only the first block of a stage can change shape.
    if (name.endsWith(".0") && (shape.bottleneck() || !name.startsWith("layer1"))) {
      shortcut = layer.of(name + ".downsample.0", name + ".downsample.1", x, stride, 0);
    }
    return relu_(y.add_(shortcut));
  }
}
