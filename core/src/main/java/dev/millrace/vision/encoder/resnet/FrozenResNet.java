package dev.millrace.vision.encoder.resnet;

import static org.bytedeco.pytorch.global.torch.cat;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.Transcript;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A residual network in evaluation mode, as it stood when this was built: every normalisation is
 * folded into the convolution before it (Jacob et al., "Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, §3.2), and the weights are
 * cast to the precision once for each path and shape of batch. On the CPU oneDNN computes it where
 * the width allows ({@link FrozenPass}), elsewhere libtorch's operators. It copies and never writes
 * to the network it is built from. Thread-safe; close it, after the last pass, to free the weights.
 */
public final class FrozenResNet implements FrozenEncoder {
  private record Convolution(Tensor weight, Tensor bias) {}

  private final ResNetShape shape;
  private final Device device;
  private final ScalarType type;
  private final Tensor folded;
  private final Map<String, FrozenSteps.Folded> places = new LinkedHashMap<>();
  private final Map<String, Convolution> convolutions = new LinkedHashMap<>();
  private final FrozenPass fused;
  private volatile boolean closed;

  /**
   * Folds a network's present weights and running statistics, on its device.
   *
   * @param net stays the caller's, unchanged, and may be closed before this is
   * @param precision in which forward passes compute
   */
  public FrozenResNet(ResNet net, Precision precision) {
    shape = net.spec();
    device = net.device();
    type = precision == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      folded = fold(net);
      folded.retainReference();
    }
    fused =
        !device.cuda() && FusedSteps.fits(shape)
            ? new FrozenPass(shape, precision, folded, places)
            : null;
  }

  private Tensor fold(ResNet net) {
    TensorVector parts = new TensorVector();
    long[] size = {0};
    net.fold(
        (name, weight, gamma, beta, mean, variance) -> {
          // In double, so that folding adds no rounding but the last cast's.
          Tensor scale =
              gamma
                  .to(ScalarType.Double)
                  .div(variance.to(ScalarType.Double).add(new Scalar(ResNet.EPSILON)).sqrt());
          Tensor bias = beta.to(ScalarType.Double).sub(mean.to(ScalarType.Double).mul(scale));
          Tensor product = weight.to(ScalarType.Double).mul(scale.view(scale.size(0), 1, 1, 1));
          long[] shape = {weight.size(0), weight.size(1), weight.size(2), weight.size(3)};
          places.put(name, new FrozenSteps.Folded(size[0], shape, size[0] + weight.numel()));
          parts.push_back(product.permute(0, 2, 3, 1).flatten().to(ScalarType.Float));
          parts.push_back(bias.to(ScalarType.Float));
          size[0] += weight.numel() + bias.numel();
        });
    return cat(parts, 0);
  }

  @Override
  public ResNetShape spec() {
    return shape;
  }

  @Override
  public Tensor forward(Tensor x) {
    FrozenEncoder.requireOpen(!closed);
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor features = fused(x);
      return features != null ? features : unfused(x);
    }
  }

  /** {@link #forward} through oneDNN; null where libtorch's operators are the better way. */
  Tensor fused(Tensor x) {
    return fused == null ? null : fused.forward(x.to(device.torch(), ScalarType.Float));
  }

  /** {@link #forward} through libtorch's operators. */
  Tensor unfused(Tensor x) {
    cast();
    ResNetLayers.OfTensors layers = this::layer;
    Tensor last = x.to(device.torch(), type).contiguous(MemoryFormat.ChannelsLast);
    return ResNetLayers.forward(shape, last, layers);
  }

  @Override
  public <T> T transcribe(T x, Transcript<T> transcript) {
    return ResNetLayers.forward(
        shape,
        x,
        new ResNetLayers.Layers<T>() {
          @Override
          public T layer(
              String convolution,
              String normalisation,
              T in,
              long stride,
              long padding,
              boolean relu) {
            try (PointerScope scope = new PointerScope()) {
              FrozenSteps.Folded place = places.get(convolution);
              return transcript.convolution(
                  convolution, in, weight(place).contiguous(), bias(place), stride, padding, relu);
            }
          }

          @Override
          public T join(T y, T shortcut) {
            return transcript.join(y, shortcut);
          }

          @Override
          public T pool(T y) {
            return transcript.pool(y);
          }

          @Override
          public T mean(T y) {
            return transcript.mean(y);
          }
        });
  }

  /** A convolution's weight, {@code [O, I, K, K] float32}, a view. */
  private Tensor weight(FrozenSteps.Folded place) {
    long[] s = place.shape();
    return folded
        .narrow(0, place.weight(), place.bias() - place.weight())
        .view(s[0], s[2], s[3], s[1])
        .permute(0, 3, 1, 2);
  }

  /** A convolution's bias, {@code [O] float32}, a view. */
  private Tensor bias(FrozenSteps.Folded place) {
    return folded.narrow(0, place.bias(), place.shape()[0]);
  }

  /** Makes libtorch's weights of the folded ones. */
  private synchronized void cast() {
    if (!convolutions.isEmpty()) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      places.forEach(
          (name, place) -> {
            Tensor weight = weight(place).to(type);
            Tensor bias = bias(place).to(type);
            weight.retainReference();
            bias.retainReference();
            convolutions.put(name, new Convolution(weight, bias));
          });
    }
  }

  private Tensor layer(
      String convolution, String normalisation, Tensor x, long stride, long padding) {
    Convolution layer = convolutions.get(convolution);
    return ResNetLayers.convolve(x, layer.weight(), layer.bias(), stride, padding);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (fused != null) {
      fused.close();
    }
    convolutions
        .values()
        .forEach(
            layer -> {
              layer.weight().releaseReference();
              layer.bias().releaseReference();
            });
    convolutions.clear();
    folded.releaseReference();
  }
}
