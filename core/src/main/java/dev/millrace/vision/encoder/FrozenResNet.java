package dev.millrace.vision.encoder;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A residual network in evaluation mode, as it stood when this was built: every normalisation is
 * folded into the convolution before it (Jacob et al., "Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, §3.2), and the weights are
 * cast to the precision once. It copies and never writes to the network it is built from.
 * Thread-safe; close it to free the weights.
 */
public final class FrozenResNet implements AutoCloseable {
  private record Convolution(Tensor weight, Tensor bias) {}

  private final ResNetShape shape;
  private final Device device;
  private final ScalarType type;
  private final Map<String, Convolution> convolutions = new LinkedHashMap<>();

  /**
   * Folds a network's present weights and running statistics, on its device.
   *
   * @param net stays the caller's, unchanged, and may be closed before this is
   * @param precision in which forward passes compute
   */
  public FrozenResNet(ResNet net, Precision precision) {
    shape = net.shape();
    device = net.device();
    type = precision == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      net.fold(
          (name, weight, gamma, beta, mean, variance) -> {
            // In double, so that folding adds no rounding but the last cast's.
            Tensor scale =
                gamma
                    .to(ScalarType.Double)
                    .div(variance.to(ScalarType.Double).add(new Scalar(ResNet.EPSILON)).sqrt());
            Tensor bias =
                beta.to(ScalarType.Double).sub(mean.to(ScalarType.Double).mul(scale)).to(type);
            Tensor folded =
                weight.to(ScalarType.Double).mul(scale.view(scale.size(0), 1, 1, 1)).to(type);
            folded.retainReference();
            bias.retainReference();
            convolutions.put(name, new Convolution(folded, bias));
          });
    }
  }

  /** Which network this is. */
  public ResNetShape shape() {
    return shape;
  }

  /**
   * The features of a batch; no gradient is kept.
   *
   * @param x {@code [N, 3, S, S] float32} on any device, best channels-last
   * @return {@code [N, D] float32} on the network's device; the caller's scope owns it
   */
  public Tensor forward(Tensor x) {
    try (NoGradGuard guard = new NoGradGuard()) {
      ResNetLayers.OfTensors layers = this::layer;
      return ResNetLayers.forward(shape, x.to(device.torch(), type), layers);
    }
  }

  private Tensor layer(
      String convolution, String normalisation, Tensor x, long stride, long padding) {
    Convolution layer = convolutions.get(convolution);
    return ResNetLayers.convolve(x, layer.weight(), layer.bias(), stride, padding);
  }

  @Override
  public void close() {
    convolutions
        .values()
        .forEach(
            layer -> {
              layer.weight().releaseReference();
              layer.bias().releaseReference();
            });
    convolutions.clear();
  }
}
