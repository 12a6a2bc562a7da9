package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.Program;
import dev.millrace.engine.onednn.Program.Place;
import dev.millrace.engine.onednn.Program.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * A frozen residual network's steps for one shape of batch: each convolution with its folded
 * normalisation, the shortcut's addition and the ReLU is one primitive. Weights are cast and laid
 * out by steps of their own, run once. Knows places only; {@link FrozenPass} brings the tensors.
 */
final class FrozenSteps implements ResNetLayers.Layers<FrozenSteps.Node>, AutoCloseable {
  /**
   * What the steps are made for.
   *
   * @param threads of libtorch's operators; primitives are made for a number of threads
   */
  record Form(long pictures, long height, long width, Precision precision, int threads) {}

  /** Where a convolution's folded weight and bias lie, float32, in numbers from the first one. */
  record Folded(long weight, long[] shape, long bias) {}

  /** A batch on its way; of a layer before an addition, only what is to be computed. */
  static final class Node {
    private final Place value;
    private final long[] dims;
    private final String convolution;
    private final FusedSteps.Convolution pending;
    private final Place source;

    private Node(Place value, long... dims) {
      this.value = value;
      this.dims = dims;
      convolution = null;
      pending = null;
      source = null;
    }

    private Node(String convolution, FusedSteps.Convolution pending, Place source) {
      value = null;
      dims = pending.y();
      this.convolution = convolution;
      this.pending = pending;
      this.source = source;
    }
  }

  private static final long ALIGNMENT = 64;

  private final FusedSteps steps;
  private final Map<String, Folded> weights;
  private final List<Runnable> preparations = new ArrayList<>();

  final Region input;
  final Region folded;
  final Region laidOut;
  final Region output;
  final Program program;

  /** Steps of a forward pass; those up to {@link #allSteps} lay the weights out. */
  final int forwardSteps;

  final int allSteps;

  private long laidOutSize;

  /**
   * Makes the steps.
   *
   * @param weights by the convolution's name
   * @throws RuntimeException if this processor has no fast primitive for one of them
   */
  FrozenSteps(ResNetShape shape, Form form, Map<String, Folded> weights) {
    this.weights = weights;
    try (Program.Builder builder = new Program.Builder()) {
      steps =
          new FusedSteps(
              builder,
              form.precision(),
              dnnl.dnnl_forward_inference,
              form.pictures(),
              shape.width(),
              form.height(),
              form.width());
      input = builder.region();
      folded = builder.region();
      laidOut = builder.region();
      output = builder.region();
      long[] pixels = {form.pictures(), 3, form.height(), form.width()};
      Place x = builder.place(input, 0, new memory.desc(pixels, data_type.f32, format_tag.nchw));
      ResNetLayers.forward(shape, new Node(x, pixels), this);
      forwardSteps = builder.size();
      preparations.forEach(Runnable::run);
      allSteps = builder.size();
      program = builder.build();
    }
  }

  /** Bytes of the weights as they are laid out for these steps. */
  long laidOutSize() {
    return laidOutSize;
  }

  @Override
  public Node layer(
      String convolution, String normalisation, Node x, long stride, long padding, boolean relu) {
    FusedSteps.Convolution c =
        new FusedSteps.Convolution(x.dims, weights.get(convolution).shape(), stride, padding);
    // Without a ReLU it goes into an addition, which may be one with the convolution.
    Node y = new Node(convolution, c, x.value);
    return relu ? new Node(convolve(y, null, true), y.dims) : y;
  }

  @Override
  public Node join(Node y, Node shortcut) {
    // In the shortcut's memory: the block has read its x already.
    Place onto = shortcut.value != null ? shortcut.value : convolve(shortcut, null, false);
    return new Node(convolve(y, onto, true), y.dims);
  }

  /**
   * Adds a convolution's step.
   *
   * @param onto what the outcome is added to and written over, or null
   */
  private Place convolve(Node y, Place onto, boolean relu) {
    post_ops after = new post_ops();
    if (onto != null) {
      after.append_sum();
    }
    if (relu) {
      after.append_eltwise(dnnl.dnnl_eltwise_relu, 0, 0);
    }
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(after);
    convolution_forward.primitive_desc ahead = steps.forward(y.pending, attributes);
    Place to = onto != null ? onto : steps.builder().place(ahead.dst_desc());
    Folded mine = weights.get(y.convolution);
    memory.desc plain = new memory.desc(mine.shape(), data_type.f32, format_tag.ohwi);
    long[] channels = {mine.shape()[0]};
    steps
        .builder()
        .step(
            new convolution_forward(ahead),
            Map.of(
                dnnl.DNNL_ARG_SRC,
                steps.as(ahead.src_desc(), y.source),
                dnnl.DNNL_ARG_WEIGHTS,
                kept(mine.weight(), plain, ahead.weights_desc()),
                dnnl.DNNL_ARG_BIAS,
                kept(
                    mine.bias(),
                    new memory.desc(channels, data_type.f32, format_tag.a),
                    ahead.bias_desc()),
                dnnl.DNNL_ARG_DST,
                to));
    return to;
  }

  /** What is folded, laid out as wanted once for all passes. */
  private Place kept(long offset, memory.desc from, memory.desc wanted) {
    Place place = steps.builder().place(laidOut, laidOutSize, wanted);
    laidOutSize += (wanted.get_size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    preparations.add(
        () -> steps.copy(steps.builder().place(folded, offset * Float.BYTES, from), place));
    return place;
  }

  @Override
  public Node pool(Node x) {
    return pool(FusedSteps.Pooling.maximum(x.dims), x);
  }

  @Override
  public Node mean(Node x) {
    Node y = pool(FusedSteps.Pooling.mean(x.dims), x);
    steps.copy(y.value, steps.builder().place(output, 0, FusedSteps.rows(y.dims)));
    return y;
  }

  private Node pool(FusedSteps.Pooling p, Node x) {
    return new Node(steps.pool(steps.forward(p, x.value.desc()), x.value, Map.of()), p.y());
  }

  @Override
  public void close() {
    program.close();
  }
}
