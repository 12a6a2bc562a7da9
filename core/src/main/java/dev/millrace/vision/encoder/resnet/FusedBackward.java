package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.engine.onednn.Program.Place;
import dev.millrace.engine.onednn.Program.Region;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The backward steps of a {@link FusedResNet}. Told of each layer as it is made, it adds the steps
 * last layer first once the whole network is known.
 */
final class FusedBackward {
  private final FusedSteps steps;
  private final Map<String, Parameters.Entry> weights;
  private final Deque<Runnable> layers = new ArrayDeque<>();

  final Region outputGradient;
  final Region gradients;

  FusedBackward(FusedSteps steps, Map<String, Parameters.Entry> weights) {
    this.steps = steps;
    this.weights = weights;
    outputGradient = steps.builder().region();
    gradients = steps.builder().region();
  }

  /** Adds the steps. */
  void build() {
    layers.descendingIterator().forEachRemaining(Runnable::run);
  }

  /**
   * A convolution from x to y.
   *
   * @param name of its weight
   * @param weight as {@link Parameters} holds it
   * @param source x as the forward step read it
   */
  void convolution(
      String name,
      FusedSteps.Convolution c,
      convolution_forward.primitive_desc ahead,
      Place weight,
      Place source,
      FusedResNet.Node x,
      FusedResNet.Node y) {
    layers.add(
        () -> {
          weightGradient(name, c, ahead, source, x, y);
          if (!c.ofPixels()) {
            inputGradient(c, ahead, weight, x, y);
          }
        });
  }

  private void weightGradient(
      String name,
      FusedSteps.Convolution c,
      convolution_forward.primitive_desc ahead,
      Place source,
      FusedResNet.Node x,
      FusedResNet.Node y) {
    convolution_backward_weights.primitive_desc back =
        FusedSteps.fast(
            new convolution_backward_weights.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_convolution_direct,
                steps.source(c),
                c.weight(data_type.f32),
                y.gradient.desc(),
                FusedSteps.both(c.stride()),
                FusedSteps.both(c.padding()),
                FusedSteps.both(c.padding()),
                ahead));
    Place gradient = steps.builder().place(back.diff_weights_desc());
    Place pixels =
        back.src_desc().equals(source.desc()) ? source : steps.as(back.src_desc(), x.value);
    steps
        .builder()
        .step(
            new convolution_backward_weights(back),
            Map.of(
                dnnl.DNNL_ARG_SRC,
                pixels,
                dnnl.DNNL_ARG_DIFF_DST,
                y.gradient,
                dnnl.DNNL_ARG_DIFF_WEIGHTS,
                gradient));
    steps.copy(gradient, steps.entry(gradients, weights, name));
  }

  private void inputGradient(
      FusedSteps.Convolution c,
      convolution_forward.primitive_desc ahead,
      Place weight,
      FusedResNet.Node x,
      FusedResNet.Node y) {
    memory.desc laid = steps.laid(c.x());
    convolution_backward_data.primitive_desc back =
        FusedSteps.fast(
            new convolution_backward_data.primitive_desc(
                OneDnn.cpu(),
                dnnl.dnnl_convolution_direct,
                laid,
                c.weight(steps.type()),
                y.gradient.desc(),
                FusedSteps.both(c.stride()),
                FusedSteps.both(c.padding()),
                FusedSteps.both(c.padding()),
                ahead));
    Place gradient = steps.builder().place(laid);
    steps
        .builder()
        .step(
            new convolution_backward_data(back),
            Map.of(
                dnnl.DNNL_ARG_DIFF_DST,
                y.gradient,
                dnnl.DNNL_ARG_WEIGHTS,
                steps.as(back.weights_desc(), weight),
                dnnl.DNNL_ARG_DIFF_SRC,
                gradient));
    if (x.gradient != null) {
      steps.add(gradient, x.gradient, new primitive_attr());
    }
    x.gradient = gradient;
  }

  /**
   * A normalisation from x to y.
   *
   * @param flags as in the forward step
   * @param arguments what that step and this one share
   */
  void normalisation(
      String name,
      int flags,
      batch_normalization_forward.primitive_desc ahead,
      Map<Integer, Place> arguments,
      FusedResNet.Node x,
      FusedResNet.Node y) {
    layers.add(
        () -> {
          memory.desc desc = x.value.desc();
          batch_normalization_backward.primitive_desc back =
              FusedSteps.fast(
                  new batch_normalization_backward.primitive_desc(
                      OneDnn.cpu(),
                      dnnl.dnnl_backward,
                      desc,
                      desc,
                      desc,
                      (float) ResNet.EPSILON,
                      flags,
                      ahead));
          boolean relu = (flags & dnnl.dnnl_fuse_norm_relu) != 0;
          // Without a ReLU between, a block's shortcut has the same gradient and still needs it.
          x.gradient = relu ? y.gradient : steps.builder().place(desc);
          Map<Integer, Place> all = new LinkedHashMap<>(arguments);
          all.put(dnnl.DNNL_ARG_DIFF_DST, y.gradient);
          all.put(dnnl.DNNL_ARG_DIFF_SRC, x.gradient);
          all.put(dnnl.DNNL_ARG_DIFF_SCALE, steps.entry(gradients, weights, name + ".weight"));
          all.put(dnnl.DNNL_ARG_DIFF_SHIFT, steps.entry(gradients, weights, name + ".bias"));
          steps.builder().step(new batch_normalization_backward(back), all);
        });
  }

  /** ReLU of the sum of y and shortcut. */
  void join(FusedResNet.Node y, FusedResNet.Node shortcut, FusedResNet.Node sum) {
    layers.add(
        () -> {
          memory.desc desc = sum.value.desc();
          int algorithm = dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
          eltwise_backward.primitive_desc back =
              FusedSteps.fast(
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
          steps
              .builder()
              .step(
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
  }

  /**
   * A pooling from x to y.
   *
   * @param workspace what the forward step keeps for this one
   */
  void pooling(
      FusedSteps.Pooling p,
      pooling_forward.primitive_desc ahead,
      Map<Integer, Place> workspace,
      FusedResNet.Node x,
      FusedResNet.Node y) {
    layers.add(
        () -> {
          memory.desc desc = x.value.desc();
          x.gradient = steps.builder().place(desc);
          Map<Integer, Place> arguments = new LinkedHashMap<>(workspace);
          arguments.put(dnnl.DNNL_ARG_DIFF_DST, y.gradient);
          arguments.put(dnnl.DNNL_ARG_DIFF_SRC, x.gradient);
          steps
              .builder()
              .step(
                  new pooling_backward(
                      FusedSteps.fast(
                          new pooling_backward.primitive_desc(
                              OneDnn.cpu(),
                              p.algorithm(),
                              desc,
                              y.gradient.desc(),
                              FusedSteps.both(p.stride()),
                              p.kernel(),
                              FusedSteps.both(0),
                              FusedSteps.both(p.padding()),
                              FusedSteps.both(p.padding()),
                              ahead))),
                  arguments);
        });
  }

  /** The features, whose gradient the caller brings. */
  void output(FusedResNet.Node y) {
    layers.add(
        () ->
            y.gradient =
                steps.as(
                    y.value.desc(),
                    steps.builder().place(outputGradient, 0, FusedSteps.rows(y.dims))));
  }
}
