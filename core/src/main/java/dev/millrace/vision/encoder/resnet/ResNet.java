package dev.millrace.vision.encoder.resnet;

import static org.bytedeco.pytorch.global.torch.batch_norm;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.RowSharers;
import dev.millrace.vision.encoder.RunningStatistics;
import dev.millrace.vision.encoder.SharedNorm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A residual network: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, with
 * torchvision's parameter names (its bottleneck strides in the 3×3 convolution). The weights live
 * in storage of the caller's, so that a head can share it. Not thread-safe while training; forward
 * passes in evaluation mode may run side by side.
 */
public final class ResNet implements EncoderNet {
  static final double EPSILON = 1e-5;

  private final ResNetShape shape;
  private final Parameters weights;
  private final String prefix;
  private final Parameters statistics;
  private final String statisticsPrefix;
  private final FusedPass fused;

  /**
   * A network over storage that holds {@link #layout} and {@link #statisticsLayout}; both stay the
   * caller's.
   */
  public ResNet(
      ResNetShape shape,
      Parameters weights,
      String prefix,
      Parameters statistics,
      String statisticsPrefix) {
    this.shape = shape;
    this.weights = weights;
    this.prefix = prefix;
    this.statistics = statistics;
    this.statisticsPrefix = statisticsPrefix;
    this.fused = new FusedPass(shape, weights, prefix, statistics, statisticsPrefix);
  }

  @Override
  public ResNetShape spec() {
    return shape;
  }

  /** Adds the network's weights to a layout, each name after the prefix. */
  static void layout(ResNetShape shape, Parameters.Layout.Builder into, String prefix) {
    ResNetLayers.visit(
        shape,
        new ResNetLayers.Visitor() {
          @Override
          public void convolution(String name, int in, int out, int kernel) {
            into.add(prefix + name + ".weight", out, in, kernel, kernel);
          }

          @Override
          public void normalisation(String name, int channels) {
            into.add(prefix + name + ".weight", channels);
            into.add(prefix + name + ".bias", channels);
          }
        });
  }

  /** Adds the running statistics of the network's normalisations to a layout. */
  static void statisticsLayout(ResNetShape shape, Parameters.Layout.Builder into, String prefix) {
    ResNetLayers.visit(
        shape,
        new ResNetLayers.Visitor() {
          @Override
          public void convolution(String name, int in, int out, int kernel) {}

          @Override
          public void normalisation(String name, int channels) {
            into.add(prefix + name + ".running_mean", channels);
            into.add(prefix + name + ".running_var", channels);
          }
        });
  }

  /**
   * Fresh weights by torchvision's scheme: convolutions normal with variance 2/fan-out,
   * normalisations the identity.
   *
   * @param draw where the weights come from; nothing else is random
   */
  @Override
  public void initialise(Draw draw) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      statistics.flat().zero_();
      ResNetLayers.visit(
          shape,
          new ResNetLayers.Visitor() {
            private int index;

            @Override
            public void convolution(String name, int in, int out, int kernel) {
              double deviation = Math.sqrt(2.0 / (out * kernel * kernel));
              Draw mine = draw.at(index++);
              float[] values = new float[out * in * kernel * kernel];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * mine.at(i).gaussian());
              }
              Tensor source =
                  torch.from_blob(new FloatPointer(values), new long[] {out, in, kernel, kernel});
              weights.get(prefix + name + ".weight").detach().copy_(source);
            }

            @Override
            public void normalisation(String name, int channels) {
              weights
                  .get(prefix + name + ".weight")
                  .detach()
                  .fill_(new org.bytedeco.pytorch.Scalar(1.0));
              weights.get(prefix + name + ".bias").detach().zero_();
              statistics
                  .get(statisticsPrefix + name + ".running_var")
                  .fill_(new org.bytedeco.pytorch.Scalar(1.0));
            }
          });
    }
  }

  /**
   * The features of a batch. In training mode on a processor with fast primitives for it oneDNN
   * computes them, with gradients only for the weights; elsewhere libtorch's operators do.
   *
   * @param x {@code [N, 3, S, S] float32}
   * @param training whether normalisations use the batch's statistics and update the running ones
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  @Override
  public Tensor forward(Tensor x, boolean training) {
    Tensor features = training ? fused.forward(x) : null;
    return features != null ? features : unfused(x, training);
  }

  @Override
  public Tensor forward(Tensor x, RowSharers with) {
    ResNetLayers.OfTensors operators =
        (convolution, normalisation, y, stride, padding) ->
            SharedNorm.normalise(
                convolve(convolution, y, stride, padding),
                weights.get(prefix + normalisation + ".weight"),
                weights.get(prefix + normalisation + ".bias"),
                new SharedNorm.Running(
                    statistics.get(statisticsPrefix + normalisation + ".running_mean"),
                    statistics.get(statisticsPrefix + normalisation + ".running_var"),
                    RunningStatistics.MOMENTUM),
                EPSILON,
                with);
    return ResNetLayers.forward(shape, x.contiguous(MemoryFormat.ChannelsLast), operators);
  }

  /** {@link #forward} through libtorch's operators. */
  Tensor unfused(Tensor x, boolean training) {
    return ResNetLayers.forward(
        shape, x.contiguous(MemoryFormat.ChannelsLast), operators(training, true));
  }

  @Override
  public Tensor differentiable(Tensor x) {
    return ResNetLayers.forward(
        shape, x.contiguous(MemoryFormat.ChannelsLast), operators(true, false));
  }

  /**
   * What the layers make of a batch in evaluation mode: the stem and the four stages {@code [N, C,
   * H, W]}, and the features {@code [N, D]}, float32.
   *
   * @param x {@code [N, 3, S, S] float32}
   * @return the caller's scope owns them
   */
  @Override
  public List<Tensor> layers(Tensor x) {
    return ResNetLayers.outputs(
        shape, x.contiguous(MemoryFormat.ChannelsLast), operators(false, true));
  }

  private ResNetLayers.OfTensors operators(boolean training, boolean running) {
    return (convolution, normalisation, y, stride, padding) ->
        normalise(normalisation, convolve(convolution, y, stride, padding), training, running);
  }

  /** Takes a convolution's weight with the normalisation after it. */
  interface Folding {
    /**
     * Called once a pair, in storage order; the tensors are live views.
     *
     * @param convolution name of the convolution
     * @param weight {@code [O, I, H, W] float32}
     * @param gamma {@code [O] float32}, as beta, mean and variance
     */
    void fold(
        String convolution, Tensor weight, Tensor gamma, Tensor beta, Tensor mean, Tensor variance);
  }

  @Override
  public Device device() {
    return weights.device();
  }

  /** Hands out every convolution with its normalisation. */
  void fold(Folding folding) {
    ResNetLayers.visit(
        shape,
        new ResNetLayers.Visitor() {
          private String last;

          @Override
          public void convolution(String name, int in, int out, int kernel) {
            last = name;
          }

          @Override
          public void normalisation(String name, int channels) {
            folding.fold(
                last,
                weights.get(prefix + last + ".weight"),
                weights.get(prefix + name + ".weight"),
                weights.get(prefix + name + ".bias"),
                statistics.get(statisticsPrefix + name + ".running_mean"),
                statistics.get(statisticsPrefix + name + ".running_var"));
          }
        });
  }

  private Tensor convolve(String name, Tensor x, long stride, long padding) {
    return ResNetLayers.convolve(x, weights.get(prefix + name + ".weight"), null, stride, padding);
  }

  private Tensor normalise(String name, Tensor x, boolean training, boolean running) {
    return batch_norm(
        x,
        new TensorOptional(weights.get(prefix + name + ".weight")),
        new TensorOptional(weights.get(prefix + name + ".bias")),
        running
            ? new TensorOptional(statistics.get(statisticsPrefix + name + ".running_mean"))
            : new TensorOptional(),
        running
            ? new TensorOptional(statistics.get(statisticsPrefix + name + ".running_var"))
            : new TensorOptional(),
        training,
        RunningStatistics.MOMENTUM,
        EPSILON,
        false);
  }

  /**
   * Weights and running statistics under torchvision's names, shapes {@code [O, I, H, W]}; live
   * views. Torch's {@code num_batches_tracked} is among them as zero, for strict loaders.
   */
  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    ResNetLayers.visit(
        shape,
        new ResNetLayers.Visitor() {
          @Override
          public void convolution(String name, int in, int out, int kernel) {
            state.put(name + ".weight", weights.get(prefix + name + ".weight"));
          }

          @Override
          public void normalisation(String name, int channels) {
            state.put(name + ".weight", weights.get(prefix + name + ".weight"));
            state.put(name + ".bias", weights.get(prefix + name + ".bias"));
            state.put(
                name + ".running_mean", statistics.get(statisticsPrefix + name + ".running_mean"));
            state.put(
                name + ".running_var", statistics.get(statisticsPrefix + name + ".running_var"));
            state.put(
                name + ".num_batches_tracked",
                torch.zeros(new LongArrayRef(new LongPointer(0), 0)).to(ScalarType.Long));
          }
        });
    return state;
  }

  @Override
  public FrozenResNet freeze(Precision precision) {
    return new FrozenResNet(this, precision);
  }

  /** Frees what passes were prepared; the storage is the caller's. */
  @Override
  public void close() {
    fused.close();
  }
}
