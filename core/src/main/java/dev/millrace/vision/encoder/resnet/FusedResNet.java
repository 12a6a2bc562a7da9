package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.engine.onednn.Program;
import dev.millrace.engine.onednn.Program.Place;
import dev.millrace.engine.onednn.Program.Region;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * A residual network's steps for one shape of batch as oneDNN primitives: forward in training mode
 * and, if asked for, backward ({@link FusedBackward}). Normalisation and ReLU are one primitive, as
 * are addition and ReLU; layouts are those that the convolutions are fastest in, weights are cast
 * and laid out in one go. Knows places only; {@link FusedPass} brings the tensors.
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
    final Place value;
    final long[] dims;
    Place gradient;

    private Node(Place value, long... dims) {
      this.value = value;
      this.dims = dims;
    }
  }

  private static final int SCALE_SHIFT = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;

  private final Form form;
  private final Map<String, Parameters.Entry> weights;
  private final Map<String, Parameters.Entry> statistics;
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final FusedSteps steps;
  private final FusedBackward backward;

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
    try (Program.Builder builder = new Program.Builder()) {
      long[] pixels = {form.pictures(), 3, form.height(), form.width()};
      steps =
          new FusedSteps(
              builder,
              form.precision(),
              dnnl.dnnl_forward_training,
              form.pictures(),
              shape.width(),
              form.height(),
              form.width());
      backward = new FusedBackward(steps, weights);
      input = builder.region();
      parameters = builder.region();
      batchStatistics = builder.region();
      output = builder.region();
      outputGradient = backward.outputGradient;
      gradients = backward.gradients;
      Place x = builder.place(input, 0, new memory.desc(pixels, data_type.f32, format_tag.nchw));
      ResNetLayers.forward(shape, new Node(x, pixels), this);
      forwardSteps = builder.size();
      if (form.gradient()) {
        backward.build();
      }
      allSteps = builder.size();
      program = builder.build();
    }
  }

  /** Numbers that each layer's statistics are over, by the normalisation's name. */
  Map<String, Long> counts() {
    return counts;
  }

  @Override
  public Node layer(
      String convolution, String normalisation, Node x, long stride, long padding, boolean relu) {
    return normalise(normalisation, convolve(convolution + ".weight", x, stride, padding), relu);
  }

  private Node convolve(String name, Node x, long stride, long padding) {
    Place weight = steps.entry(parameters, weights, name);
    FusedSteps.Convolution c =
        new FusedSteps.Convolution(x.dims, FusedSteps.dims(weights.get(name)), stride, padding);
    convolution_forward.primitive_desc ahead = steps.forward(c);
    Place source = steps.as(ahead.src_desc(), x.value);
    Node y = new Node(steps.builder().place(ahead.dst_desc()), c.y());
    steps
        .builder()
        .step(
            new convolution_forward(ahead),
            Map.of(
                dnnl.DNNL_ARG_SRC,
                source,
                dnnl.DNNL_ARG_WEIGHTS,
                steps.as(ahead.weights_desc(), weight),
                dnnl.DNNL_ARG_DST,
                y.value));
    backward.convolution(name, c, ahead, weight, source, x, y);
    return y;
  }

  private Node normalise(String name, Node x, boolean relu) {
    counts.put(name, x.dims[0] * x.dims[2] * x.dims[3]);
    int flags = SCALE_SHIFT | (relu ? dnnl.dnnl_fuse_norm_relu : 0);
    memory.desc desc = x.value.desc();
    batch_normalization_forward.primitive_desc ahead =
        FusedSteps.fast(
            new batch_normalization_forward.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_forward_training,
                desc,
                desc,
                (float) ResNet.EPSILON,
                flags));
    Map<Integer, Place> arguments = new LinkedHashMap<>();
    arguments.put(dnnl.DNNL_ARG_SRC, x.value);
    arguments.put(
        dnnl.DNNL_ARG_MEAN, steps.entry(batchStatistics, statistics, name + ".running_mean"));
    arguments.put(
        dnnl.DNNL_ARG_VARIANCE, steps.entry(batchStatistics, statistics, name + ".running_var"));
    arguments.put(dnnl.DNNL_ARG_SCALE, steps.entry(parameters, weights, name + ".weight"));
    if (relu) {
      arguments.put(dnnl.DNNL_ARG_WORKSPACE, steps.builder().place(ahead.workspace_desc()));
    }
    Map<Integer, Place> forth = new LinkedHashMap<>(arguments);
    // Nobody looks at x again but the backward pass.
    Node y = new Node(form.gradient() ? steps.builder().place(desc) : x.value, x.dims);
    forth.put(dnnl.DNNL_ARG_SHIFT, steps.entry(parameters, weights, name + ".bias"));
    forth.put(dnnl.DNNL_ARG_DST, y.value);
    steps.builder().step(new batch_normalization_forward(ahead), forth);
    backward.normalisation(name, flags, ahead, arguments, x, y);
    return y;
  }

  @Override
  public Node join(Node y, Node shortcut) {
    post_ops relu = new post_ops();
    relu.append_eltwise(dnnl.dnnl_eltwise_relu, 0, 0);
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(relu);
    steps.add(y.value, shortcut.value, attributes);
    Node sum = new Node(y.value, y.dims);
    backward.join(y, shortcut, sum);
    return sum;
  }

  @Override
  public Node pool(Node x) {
    return pool(FusedSteps.Pooling.maximum(x.dims), x);
  }

  @Override
  public Node mean(Node x) {
    Node y = pool(FusedSteps.Pooling.mean(x.dims), x);
    steps.copy(y.value, steps.builder().place(output, 0, FusedSteps.rows(y.dims)));
    backward.output(y);
    return y;
  }

  private Node pool(FusedSteps.Pooling p, Node x) {
    pooling_forward.primitive_desc ahead = steps.forward(p, x.value.desc());
    Map<Integer, Place> workspace =
        p.algorithm() == dnnl.dnnl_pooling_max
            ? Map.of(dnnl.DNNL_ARG_WORKSPACE, steps.builder().place(ahead.workspace_desc()))
            : Map.of();
    Node y = new Node(steps.pool(ahead, x.value, workspace), p.y());
    backward.pooling(p, ahead, workspace, x, y);
    return y;
  }

  @Override
  public void close() {
    program.close();
  }
}
