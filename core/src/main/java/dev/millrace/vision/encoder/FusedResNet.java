package dev.millrace.vision.encoder;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.engine.onednn.Program;
import dev.millrace.engine.onednn.Program.Place;
import dev.millrace.engine.onednn.Program.Region;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;

/**
 * A residual network's steps for one shape of batch as oneDNN primitives: forward in training mode
 * and, if asked for, backward. Normalisation and ReLU are one primitive, as are addition and ReLU;
 * layouts are those that the convolutions are fastest in, weights are cast and laid out in one go.
 * Knows places only; {@link FusedPass} brings the tensors.
 */
final class FusedResNet implements ResNetLayers.Layers<FusedResNet.Node>, AutoCloseable {
  /**
   * What the steps are made for.
   *
   * @param gradient whether there are backward steps
   * @param threads of libtorch's operators; primitives are made for a number of threads
   */
  record Form(
      long pictures, long height, long width, Precision precision, boolean gradient, int threads) {}

  /** A batch on its way, and the gradient that comes back. */
  static final class Node {
    private final Place value;
    private final long[] dims;
    private Place gradient;

    private Node(Place value, long... dims) {
      this.value = value;
      this.dims = dims;
    }
  }

  private static final int SCALE_SHIFT = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;

  private final Form form;
  private final data_type type;
  private final format_tag layout;
  private final Map<String, Parameters.Entry> weights;
  private final Map<String, Parameters.Entry> statistics;
  private final Deque<Runnable> backwards = new ArrayDeque<>();
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final Program.Builder steps;

  final Region input;
  final Region parameters;
  final Region batchStatistics;
  final Region output;
  final Region outputGradient;
  final Region gradients;
  final Program program;
  final int forwardSteps;
  final int allSteps;

  /**
   * Makes the steps.
   *
   * @param weights entries by name, prefix left out
   * @param statistics likewise
   * @throws RuntimeException if this processor has no fast primitive for one of them
   */
  FusedResNet(
      ResNetShape shape,
      Form form,
      Map<String, Parameters.Entry> weights,
      Map<String, Parameters.Entry> statistics) {
    this.form = form;
    this.weights = weights;
    this.statistics = statistics;
    type = form.precision() == Precision.BF16 ? data_type.bf16 : data_type.f32;
    try (Program.Builder builder = new Program.Builder()) {
      steps = builder;
      input = builder.region();
      parameters = builder.region();
      batchStatistics = builder.region();
      output = builder.region();
      outputGradient = builder.region();
      gradients = builder.region();
      layout = fastest(shape.width());
      long[] pixels = {form.pictures(), 3, form.height(), form.width()};
      Place x = builder.place(input, 0, new memory.desc(pixels, data_type.f32, format_tag.nhwc));
      ResNetLayers.forward(shape, new Node(x, pixels), this);
      forwardSteps = builder.size();
      if (form.gradient()) {
        backwards.descendingIterator().forEachRemaining(Runnable::run);
      }
      allSteps = builder.size();
      program = builder.build();
    }
  }

  /** Numbers that each layer's statistics are over, by the normalisation's name. */
  Map<String, Long> counts() {
    return counts;
  }

  /** The layout that oneDNN chooses for a 3×3 convolution in the first stage. */
  private format_tag fastest(int channels) {
    long[] dims = {form.pictures(), channels, form.height(), form.width()};
    memory.desc any = new memory.desc(dims, type, format_tag.any);
    memory.desc chosen = forward(any, weight(channels, channels, 3, type), any, 1, 1).dst_desc();
    for (format_tag tag :
        new format_tag[] {format_tag.nChw16c, format_tag.nhwc, format_tag.nChw8c}) {
      if (new memory.desc(dims, type, tag).equals(chosen)) {
        return tag;
      }
    }
    throw new UnsupportedOperationException("oneDNN chooses a layout that is not known here");
  }

  private static memory.desc weight(long out, long in, long kernel, data_type type) {
    return new memory.desc(new long[] {out, in, kernel, kernel}, type, format_tag.any);
  }

  private memory.desc laid(long... dims) {
    return new memory.desc(dims, type, layout);
  }

  private static convolution_forward.primitive_desc forward(
      memory.desc x, memory.desc weight, memory.desc y, long stride, long padding) {
    return fast(
        new convolution_forward.primitive_desc(
            OneDnn.cpu(),
            dnnl.dnnl_forward_training,
            dnnl.dnnl_convolution_direct,
            x,
            weight,
            y,
            both(stride),
            both(padding),
            both(padding)));
  }

  private static long[] both(long n) {
    return new long[] {n, n};
  }

  /** Refuses oneDNN's plain loops: libtorch's operators are faster. */
  private static <T extends primitive_desc_base> T fast(T description) {
    String name = description.impl_info_str().getString();
    if (name.contains("ref")) {
      throw new UnsupportedOperationException("oneDNN has no fast primitive here: " + name);
    }
    return description;
  }

  /** The same tensor in another type or layout. */
  private Place as(memory.desc wanted, Place x) {
    if (x.desc().equals(wanted)) {
      return x;
    }
    Place y = steps.place(wanted);
    copy(x, y);
    return y;
  }

  private void copy(Place x, Place y) {
    steps.step(
        new reorder(new reorder.primitive_desc(OneDnn.cpu(), x.desc(), OneDnn.cpu(), y.desc())),
        Map.of(dnnl.DNNL_ARG_FROM, x, dnnl.DNNL_ARG_TO, y));
  }

  /** A weight, its gradient or a statistic: float32 as {@link Parameters} lays it out. */
  private Place entry(Region region, Map<String, Parameters.Entry> entries, String name) {
    Parameters.Entry entry = entries.get(name);
    long first = entries.values().iterator().next().offset();
    long[] dims = entry.shape().stream().mapToLong(Long::longValue).toArray();
    return steps.place(
        region,
        (entry.offset() - first) * Float.BYTES,
        new memory.desc(dims, data_type.f32, dims.length == 4 ? format_tag.ohwi : format_tag.a));
  }

  @Override
  public Node layer(
      String convolution, String normalisation, Node x, long stride, long padding, boolean relu) {
    return normalise(normalisation, convolve(convolution + ".weight", x, stride, padding), relu);
  }

  private Node convolve(String name, Node x, long stride, long padding) {
    Place weight = entry(parameters, weights, name);
    long[] w = weights.get(name).shape().stream().mapToLong(Long::longValue).toArray();
    long height = (x.dims[2] + 2 * padding - w[2]) / stride + 1;
    long width = (x.dims[3] + 2 * padding - w[3]) / stride + 1;
    long[] dims = {x.dims[0], w[0], height, width};
    boolean pixels = x.dims[1] == 3;
    memory.desc from = pixels ? new memory.desc(x.dims, type, format_tag.any) : laid(x.dims);
    memory.desc any = weight(w[0], w[1], w[2], type);
    memory.desc to = laid(dims);
    convolution_forward.primitive_desc ahead = forward(from, any, to, stride, padding);
    Place source = as(ahead.src_desc(), x.value);
    Node y = new Node(steps.place(to), dims);
    steps.step(
        new convolution_forward(ahead),
        Map.of(
            dnnl.DNNL_ARG_SRC,
            source,
            dnnl.DNNL_ARG_WEIGHTS,
            as(ahead.weights_desc(), weight),
            dnnl.DNNL_ARG_DST,
            y.value));
    backwards.add(
        () -> {
          weightGradient(name, from, source, x, y, stride, padding, ahead);
          if (!pixels) {
            inputGradient(weight, any, x, y, stride, padding, ahead);
          }
        });
    return y;
  }

  private void weightGradient(
      String name,
      memory.desc from,
      Place source,
      Node x,
      Node y,
      long stride,
      long padding,
      convolution_forward.primitive_desc ahead) {
    long[] w = weights.get(name).shape().stream().mapToLong(Long::longValue).toArray();
    convolution_backward_weights.primitive_desc back =
        fast(
            new convolution_backward_weights.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_convolution_direct,
                from,
                weight(w[0], w[1], w[2], data_type.f32),
                y.gradient.desc(),
                both(stride),
                both(padding),
                both(padding),
                ahead));
    Place gradient = steps.place(back.diff_weights_desc());
    Place pixels = back.src_desc().equals(source.desc()) ? source : as(back.src_desc(), x.value);
    steps.step(
        new convolution_backward_weights(back),
        Map.of(
            dnnl.DNNL_ARG_SRC,
            pixels,
            dnnl.DNNL_ARG_DIFF_DST,
            y.gradient,
            dnnl.DNNL_ARG_DIFF_WEIGHTS,
            gradient));
    copy(gradient, entry(gradients, weights, name));
  }

  private void inputGradient(
      Place weight,
      memory.desc any,
      Node x,
      Node y,
      long stride,
      long padding,
      convolution_forward.primitive_desc ahead) {
    convolution_backward_data.primitive_desc back =
        fast(
            new convolution_backward_data.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_convolution_direct,
                laid(x.dims),
                any,
                y.gradient.desc(),
                both(stride),
                both(padding),
                both(padding),
                ahead));
    Place gradient = steps.place(laid(x.dims));
    steps.step(
        new convolution_backward_data(back),
        Map.of(
            dnnl.DNNL_ARG_DIFF_DST,
            y.gradient,
            dnnl.DNNL_ARG_WEIGHTS,
            as(back.weights_desc(), weight),
            dnnl.DNNL_ARG_DIFF_SRC,
            gradient));
    if (x.gradient != null) {
      add(gradient, x.gradient, new primitive_attr());
    }
    x.gradient = gradient;
  }

  /** Adds in place, and does what the attributes say to the sum. */
  private void add(Place to, Place what, primitive_attr attributes) {
    steps.step(
        new binary(
            fast(
                new binary.primitive_desc(
                    OneDnn.cpu(),
                    dnnl.dnnl_binary_add,
                    to.desc(),
                    what.desc(),
                    to.desc(),
                    attributes,
                    false))),
        Map.of(dnnl.DNNL_ARG_SRC_0, to, dnnl.DNNL_ARG_SRC_1, what, dnnl.DNNL_ARG_DST, to));
  }

  private Node normalise(String name, Node x, boolean relu) {
    counts.put(name, x.dims[0] * x.dims[2] * x.dims[3]);
    int flags = SCALE_SHIFT | (relu ? dnnl.dnnl_fuse_norm_relu : 0);
    memory.desc desc = x.value.desc();
    batch_normalization_forward.primitive_desc ahead =
        fast(
            new batch_normalization_forward.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_forward_training,
                desc,
                desc,
                (float) ResNet.EPSILON,
                flags));
    Map<Integer, Place> arguments = new LinkedHashMap<>();
    arguments.put(dnnl.DNNL_ARG_SRC, x.value);
    arguments.put(dnnl.DNNL_ARG_MEAN, entry(batchStatistics, statistics, name + ".running_mean"));
    arguments.put(
        dnnl.DNNL_ARG_VARIANCE, entry(batchStatistics, statistics, name + ".running_var"));
    arguments.put(dnnl.DNNL_ARG_SCALE, entry(parameters, weights, name + ".weight"));
    if (relu) {
      arguments.put(dnnl.DNNL_ARG_WORKSPACE, steps.place(ahead.workspace_desc()));
    }
    Map<Integer, Place> forth = new LinkedHashMap<>(arguments);
    // Nobody looks at x again but the backward pass.
    Node y = new Node(form.gradient() ? steps.place(desc) : x.value, x.dims);
    forth.put(dnnl.DNNL_ARG_SHIFT, entry(parameters, weights, name + ".bias"));
    forth.put(dnnl.DNNL_ARG_DST, y.value);
    steps.step(new batch_normalization_forward(ahead), forth);
    backwards.add(
        () -> {
          batch_normalization_backward.primitive_desc back =
              fast(
                  new batch_normalization_backward.primitive_desc(
                      OneDnn.cpu(),
                      dnnl.dnnl_backward,
                      desc,
                      desc,
                      desc,
                      (float) ResNet.EPSILON,
                      flags,
                      ahead));
          // Without a ReLU between, a block's shortcut has the same gradient and still needs it.
          x.gradient = relu ? y.gradient : steps.place(desc);
          arguments.put(dnnl.DNNL_ARG_DIFF_DST, y.gradient);
          arguments.put(dnnl.DNNL_ARG_DIFF_SRC, x.gradient);
          arguments.put(dnnl.DNNL_ARG_DIFF_SCALE, entry(gradients, weights, name + ".weight"));
          arguments.put(dnnl.DNNL_ARG_DIFF_SHIFT, entry(gradients, weights, name + ".bias"));
          steps.step(new batch_normalization_backward(back), arguments);
        });
    return y;
  }

  @Override
  public Node join(Node y, Node shortcut) {
    post_ops relu = new post_ops();
    relu.append_eltwise(dnnl.dnnl_eltwise_relu, 0, 0);
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(relu);
    add(y.value, shortcut.value, attributes);
    Node sum = new Node(y.value, y.dims);
    backwards.add(
        () -> {
          memory.desc desc = sum.value.desc();
          int algorithm = dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
          eltwise_backward.primitive_desc back =
              fast(
                  new eltwise_backward.primitive_desc(
                      OneDnn.cpu(),
                      algorithm,
                      desc,
                      desc,
                      desc,
                      0,
                      0,
                      new eltwise_forward.primitive_desc(
                          OneDnn.cpu(), dnnl.dnnl_forward_training, algorithm, desc, desc, 0, 0)));
          steps.step(
              new eltwise_backward(back),
              Map.of(
                  dnnl.DNNL_ARG_DST,
                  sum.value,
                  dnnl.DNNL_ARG_DIFF_DST,
                  sum.gradient,
                  dnnl.DNNL_ARG_DIFF_SRC,
                  sum.gradient));
          y.gradient = sum.gradient;
          shortcut.gradient = sum.gradient;
        });
    return sum;
  }

  @Override
  public Node pool(Node x) {
    long[] dims = {x.dims[0], x.dims[1], (x.dims[2] - 1) / 2 + 1, (x.dims[3] - 1) / 2 + 1};
    return pool(dnnl.dnnl_pooling_max, x, laid(dims), dims, 2, new long[] {3, 3}, 1);
  }

  @Override
  public Node mean(Node x) {
    long[] dims = {x.dims[0], x.dims[1], 1, 1};
    Node y =
        pool(
            dnnl.dnnl_pooling_avg_exclude_padding,
            x,
            new memory.desc(dims, type, format_tag.any),
            dims,
            1,
            new long[] {x.dims[2], x.dims[3]},
            0);
    memory.desc rows = new memory.desc(dims, data_type.f32, format_tag.nchw);
    copy(y.value, steps.place(output, 0, rows));
    backwards.add(() -> y.gradient = as(y.value.desc(), steps.place(outputGradient, 0, rows)));
    return y;
  }

  private Node pool(
      int algorithm,
      Node x,
      memory.desc to,
      long[] dims,
      long stride,
      long[] kernel,
      long padding) {
    pooling_forward.primitive_desc ahead =
        fast(
            new pooling_forward.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_forward_training,
                algorithm,
                x.value.desc(),
                to,
                both(stride),
                kernel,
                both(0),
                both(padding),
                both(padding)));
    Map<Integer, Place> memory = new LinkedHashMap<>();
    if (algorithm == dnnl.dnnl_pooling_max) {
      memory.put(dnnl.DNNL_ARG_WORKSPACE, steps.place(ahead.workspace_desc()));
    }
    Node y = new Node(steps.place(ahead.dst_desc()), dims);
    Map<Integer, Place> forth = new LinkedHashMap<>(memory);
    forth.put(dnnl.DNNL_ARG_SRC, x.value);
    forth.put(dnnl.DNNL_ARG_DST, y.value);
    steps.step(new pooling_forward(ahead), forth);
    backwards.add(
        () -> {
          x.gradient = steps.place(x.value.desc());
          memory.put(dnnl.DNNL_ARG_DIFF_DST, y.gradient);
          memory.put(dnnl.DNNL_ARG_DIFF_SRC, x.gradient);
          steps.step(
              new pooling_backward(
                  fast(
                      new pooling_backward.primitive_desc(
                          OneDnn.cpu(),
                          algorithm,
                          x.value.desc(),
                          y.gradient.desc(),
                          both(stride),
                          kernel,
                          both(0),
                          both(padding),
                          both(padding),
                          ahead))),
              memory);
        });
    return y;
  }

  @Override
  public void close() {
    program.close();
  }
}
