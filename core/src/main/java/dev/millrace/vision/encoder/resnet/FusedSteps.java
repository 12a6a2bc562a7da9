package dev.millrace.vision.encoder.resnet;

import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.OneDnn;
import dev.millrace.engine.onednn.Program;
import dev.millrace.engine.onednn.Program.Place;
import dev.millrace.engine.onednn.Program.Region;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;

/**
 * What fused networks in training and frozen ones have in common: the layout that a batch is kept
 * in, oneDNN's descriptions of the layers, and the small steps between them.
 */
final class FusedSteps {
  /**
   * A convolution of a batch.
   *
   * @param x {@code [N, C, H, W]}
   * @param weight {@code [O, C, K, K]}
   */
  record Convolution(long[] x, long[] weight, long stride, long padding) {
    /** {@code [N, O, H', W']}. */
    long[] y() {
      return new long[] {x[0], weight[0], side(x[2]), side(x[3])};
    }

    private long side(long pixels) {
      return (pixels + 2 * padding - weight[2]) / stride + 1;
    }

    /** Whether x is what the network sees. */
    boolean ofPixels() {
      return x[1] == 3;
    }

    /** The weight in the layout that is fastest. */
    memory.desc weight(data_type type) {
      return new memory.desc(weight, type, format_tag.any);
    }
  }

  /**
   * A pooling of a batch.
   *
   * @param algorithm oneDNN's
   * @param y shape of what comes out
   */
  record Pooling(int algorithm, long[] y, long[] kernel, long stride, long padding) {
    /** The stem's 3×3 maximum of stride 2. */
    static Pooling maximum(long[] x) {
      long[] y = {x[0], x[1], (x[2] - 1) / 2 + 1, (x[3] - 1) / 2 + 1};
      return new Pooling(dnnl.dnnl_pooling_max, y, both(3), 2, 1);
    }

    /** The mean over all pixels. */
    static Pooling mean(long[] x) {
      long[] y = {x[0], x[1], 1, 1};
      long[] kernel = {x[2], x[3]};
      return new Pooling(dnnl.dnnl_pooling_avg_exclude_padding, y, kernel, 1, 0);
    }
  }

  private final Program.Builder steps;
  private final data_type type;
  private final int kind;
  private final format_tag layout;

  /**
   * Starts on a network.
   *
   * @param kind {@code dnnl_forward_training} or {@code dnnl_forward_inference}
   * @param stage shape of a batch in the first stage, {@code [N, C, H, W]}
   * @throws RuntimeException if this processor has no fast convolution for it
   */
  FusedSteps(Program.Builder steps, Precision precision, int kind, long... stage) {
    this.steps = steps;
    this.type = precision == Precision.BF16 ? data_type.bf16 : data_type.f32;
    this.kind = kind;
    this.layout = fastest(stage);
  }

  /**
   * The layout that oneDNN chooses for a 3×3 convolution in the first stage of a training step. For
   * inference alone it would choose channels-last, which is 1 to 6 % slower at widths 16 to 64.
   */
  private format_tag fastest(long... stage) {
    memory.desc any = new memory.desc(stage, type, format_tag.any);
    Convolution convolution = new Convolution(stage, new long[] {stage[1], stage[1], 3, 3}, 1, 1);
    memory.desc chosen = forward(dnnl.dnnl_forward_training, convolution, any, any).dst_desc();
    for (format_tag tag :
        new format_tag[] {format_tag.nChw16c, format_tag.nhwc, format_tag.nChw8c}) {
      if (new memory.desc(stage, type, tag).equals(chosen)) {
        return tag;
      }
    }
    throw new UnsupportedOperationException("oneDNN chooses a layout that is not known here");
  }

  /** Whether a network of this shape may run through oneDNN on this machine's processor. */
  static boolean fits(ResNetShape shape) {
    return shape.width() % 16 == 0 && OneDnn.available();
  }

  static long[] both(long n) {
    return new long[] {n, n};
  }

  /** Refuses oneDNN's plain loops: libtorch's operators are faster. */
  static <T extends primitive_desc_base> T fast(T description) {
    String name = description.impl_info_str().getString();
    if (name.contains("ref")) {
      throw new UnsupportedOperationException("oneDNN has no fast primitive here: " + name);
    }
    return description;
  }

  Program.Builder builder() {
    return steps;
  }

  /** What the convolutions compute in. */
  data_type type() {
    return type;
  }

  /** A batch as it passes between layers. */
  memory.desc laid(long... dims) {
    return new memory.desc(dims, type, layout);
  }

  /** What a convolution takes its batch as; pixels in any layout. */
  memory.desc source(Convolution c) {
    return c.ofPixels() ? new memory.desc(c.x(), type, format_tag.any) : laid(c.x());
  }

  /** A convolution's description. */
  convolution_forward.primitive_desc forward(Convolution c) {
    return forward(kind, c, source(c), laid(c.y()));
  }

  private convolution_forward.primitive_desc forward(
      int kind, Convolution c, memory.desc x, memory.desc y) {
    return fast(
        new convolution_forward.primitive_desc(
            OneDnn.cpu(),
            kind,
            dnnl.dnnl_convolution_direct,
            x,
            c.weight(type),
            y,
            both(c.stride()),
            both(c.padding()),
            both(c.padding())));
  }

  /** A convolution's description with a float32 bias and what is done to its outcome. */
  convolution_forward.primitive_desc forward(Convolution c, primitive_attr attributes) {
    return fast(
        new convolution_forward.primitive_desc(
            OneDnn.cpu(),
            kind,
            dnnl.dnnl_convolution_direct,
            source(c),
            c.weight(type),
            new memory.desc(new long[] {c.weight()[0]}, data_type.f32, format_tag.a),
            laid(c.y()),
            both(c.stride()),
            both(c.padding()),
            both(c.padding()),
            attributes,
            false));
  }

  /** A pooling's description; a mean comes out in any layout. */
  pooling_forward.primitive_desc forward(Pooling p, memory.desc x) {
    boolean single = p.y()[2] * p.y()[3] == 1;
    return fast(
        new pooling_forward.primitive_desc(
            OneDnn.cpu(),
            kind,
            p.algorithm(),
            x,
            single ? new memory.desc(p.y(), type, format_tag.any) : laid(p.y()),
            both(p.stride()),
            p.kernel(),
            both(0),
            both(p.padding()),
            both(p.padding())));
  }

  /** Adds a pooling's step; what comes out of it. */
  Place pool(pooling_forward.primitive_desc description, Place x, Map<Integer, Place> workspace) {
    Place y = steps.place(description.dst_desc());
    Map<Integer, Place> arguments = new HashMap<>(workspace);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_DST, y);
    steps.step(new pooling_forward(description), arguments);
    return y;
  }

  /** The features as the caller wants them, {@code [N, D, 1, 1] float32}. */
  static memory.desc rows(long... dims) {
    return new memory.desc(dims, data_type.f32, format_tag.nchw);
  }

  /** The same tensor in another type or layout. */
  Place as(memory.desc wanted, Place x) {
    if (x.desc().equals(wanted)) {
      return x;
    }
    Place y = steps.place(wanted);
    copy(x, y);
    return y;
  }

  /** Copies, whatever type and layout each has. */
  void copy(Place x, Place y) {
    steps.step(
        new reorder(new reorder.primitive_desc(OneDnn.cpu(), x.desc(), OneDnn.cpu(), y.desc())),
        Map.of(dnnl.DNNL_ARG_FROM, x, dnnl.DNNL_ARG_TO, y));
  }

  /** Adds in place, and does what the attributes say to the sum. */
  void add(Place to, Place what, primitive_attr attributes) {
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

  /** A weight, its gradient or a statistic: float32 as {@link Parameters} lays it out. */
  Place entry(Region region, Map<String, Parameters.Entry> entries, String name) {
    Parameters.Entry entry = entries.get(name);
    long first = entries.values().iterator().next().offset();
    long[] dims = dims(entry);
    return steps.place(
        region,
        (entry.offset() - first) * Float.BYTES,
        new memory.desc(dims, data_type.f32, dims.length == 4 ? format_tag.ohwi : format_tag.a));
  }

  static long[] dims(Parameters.Entry entry) {
    return entry.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
