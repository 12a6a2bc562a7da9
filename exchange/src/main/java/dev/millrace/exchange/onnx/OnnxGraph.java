package dev.millrace.exchange.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.Transcript;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adds a network's steps to an ONNX graph; a batch on its way is the name of its value, and a value
 * is called as the node that makes it.
 */
final class OnnxGraph implements Transcript<String> {
  /** Bytes of weights that a graph may have: the format ends at 2 GiB, the rest is small. */
  private static final long MOST = Integer.MAX_VALUE - (1L << 20);

  private final GraphProto.Builder graph;
  private final boolean half;
  private long weights;
  private int joins;

  /**
   * A writer into a graph.
   *
   * @param half whether weights and convolutions are float16
   */
  OnnxGraph(GraphProto.Builder graph, boolean half) {
    this.graph = graph;
    this.half = half;
  }

  /** (x − mean) ÷ std, channel by channel, in single precision. */
  String normalise(String x, float[] mean, float[] std) {
    add("Sub", "centred", x, constant("mean", mean));
    String y = add("Div", "normalised", "centred", constant("std", std));
    return half ? cast("halved", y, TensorProto.DataType.FLOAT16) : y;
  }

  @Override
  public String convolution(
      String name, String x, Tensor weight, Tensor bias, long stride, long padding, boolean relu) {
    long kernel = weight.size(2);
    weight(name + ".weight", weight);
    weight(name + ".bias", bias);
    node("Conv", name, x, name + ".weight", name + ".bias")
        .addAttribute(numbers("kernel_shape", kernel, kernel))
        .addAttribute(numbers("pads", padding, padding, padding, padding))
        .addAttribute(numbers("strides", stride, stride));
    return relu ? add("Relu", name + ".relu", name) : name;
  }

  @Override
  public String join(String y, String shortcut) {
    String name = "join" + joins++;
    add("Add", name, y, shortcut);
    return add("Relu", name + ".relu", name);
  }

  @Override
  public String pool(String x) {
    node("MaxPool", "maxpool", x)
        .addAttribute(numbers("kernel_shape", 3, 3))
        .addAttribute(numbers("pads", 1, 1, 1, 1))
        .addAttribute(numbers("strides", 2, 2));
    return "maxpool";
  }

  @Override
  public String mean(String x) {
    // A sum over many pixels is no matter for float16.
    String y = half ? cast("widened", x, TensorProto.DataType.FLOAT) : x;
    add("GlobalAveragePool", "avgpool", y);
    node("Flatten", "flatten", "avgpool").addAttribute(number("axis", 1));
    return "flatten";
  }

  @Override
  public String tokens(String grid, Tensor first, Tensor positions) {
    String flat = reshape("tokens.flat", grid, 0, positions.size(2), -1);
    node("Transpose", "tokens.rows", flat).addAttribute(numbers("perm", 0, 2, 1));
    weight("cls_token", first.contiguous());
    weight("pos_embed", positions.contiguous());
    node("Shape", "tokens.count", grid)
        .addAttribute(number("start", 0))
        .addAttribute(number("end", 1));
    integers("tokens.one", 1, 1);
    node("Concat", "tokens.sizes", "tokens.count", "tokens.one").addAttribute(number("axis", 0));
    add("Expand", "tokens.first", "cls_token", "tokens.sizes");
    node("Concat", "tokens.all", "tokens.first", "tokens.rows").addAttribute(number("axis", 1));
    return add("Add", "tokens", "tokens.all", "pos_embed");
  }

  @Override
  public String normalise(String name, String x, Tensor weight, Tensor bias, double epsilon) {
    weight(name + ".weight", weight);
    weight(name + ".bias", bias);
    node("LayerNormalization", name, x, name + ".weight", name + ".bias")
        .addAttribute(number("axis", -1))
        .addAttribute(decimal("epsilon", (float) epsilon));
    return name;
  }

  @Override
  public String linear(String name, String x, Tensor weight, Tensor bias) {
    weight(name + ".weight", weight.t().contiguous());
    weight(name + ".bias", bias);
    add("MatMul", name + ".product", x, name + ".weight");
    return add("Add", name, name + ".product", name + ".bias");
  }

  @Override
  public String attend(String qkv, int heads, int width) {
    String name = qkv + ".attention";
    String apart = reshape(name + ".apart", qkv, 0, 0, 3, heads, width);
    node("Transpose", name + ".heads", apart).addAttribute(numbers("perm", 2, 0, 3, 1, 4));
    String q = part(name, ".q", 0);
    String k = part(name, ".k", 1);
    String v = part(name, ".v", 2);
    node("Transpose", name + ".k.turned", k).addAttribute(numbers("perm", 0, 1, 3, 2));
    scalar(name + ".scale", (float) (1 / Math.sqrt(width)));
    add("Mul", name + ".q.scaled", q, name + ".scale");
    add("MatMul", name + ".scores", name + ".q.scaled", name + ".k.turned");
    node("Softmax", name + ".shares", name + ".scores").addAttribute(number("axis", -1));
    add("MatMul", name + ".mixed", name + ".shares", v);
    node("Transpose", name + ".joined", name + ".mixed").addAttribute(numbers("perm", 0, 2, 1, 3));
    return reshape(name, name + ".joined", 0, 0, (long) heads * width);
  }

  private String part(String name, String which, long place) {
    index(name + which + ".place", place);
    node("Gather", name + which, name + ".heads", name + which + ".place")
        .addAttribute(number("axis", 0));
    return name + which;
  }

  /** x · ½ · (1 + erf(x / √2)): this operator set has no Gelu of its own. */
  @Override
  public String gelu(String x) {
    String name = x + ".gelu";
    scalar(name + ".root", (float) Math.sqrt(0.5));
    scalar(name + ".one", 1);
    scalar(name + ".half", 0.5f);
    add("Mul", name + ".narrow", x, name + ".root");
    add("Erf", name + ".erf", name + ".narrow");
    add("Add", name + ".shifted", name + ".erf", name + ".one");
    add("Mul", name + ".double", x, name + ".shifted");
    return add("Mul", name, name + ".double", name + ".half");
  }

  @Override
  public String add(String x, String y) {
    return add("Add", "sum" + joins++, x, y);
  }

  @Override
  public String first(String x) {
    index("first.place", 0);
    node("Gather", "first", x, "first.place").addAttribute(number("axis", 1));
    return "first";
  }

  @Override
  public String features(String x) {
    return half ? cast("widened", x, TensorProto.DataType.FLOAT) : add("Identity", "same", x);
  }

  /** 0 keeps a size, -1 is what is left. */
  private String reshape(String name, String x, long... sizes) {
    integers(name + ".sizes", sizes);
    return add("Reshape", name, x, name + ".sizes");
  }

  private void index(String name, long value) {
    graph
        .addInitializerBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.INT64.getNumber())
        .addInt64Data(value);
  }

  private void integers(String name, long... values) {
    TensorProto.Builder tensor =
        graph
            .addInitializerBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
  }

  /** A number in the graph's arithmetic. */
  private void scalar(String name, float value) {
    try (PointerScope scope = new PointerScope()) {
      weight(name, torch.full(new long[] {1}, new Scalar(value)));
    }
  }

  /** Gives the value that the last node makes another name. */
  void rename(String value, String name) {
    NodeProto.Builder last = graph.getNodeBuilder(graph.getNodeCount() - 1);
    if (!last.getOutput(0).equals(value)) {
      throw new IllegalStateException(
          "the graph ends in " + last.getOutput(0) + ", expected " + value);
    }
    last.setOutput(0, name);
  }

  private String cast(String name, String x, TensorProto.DataType type) {
    node("Cast", name, x).addAttribute(number("to", type.getNumber()));
    return name;
  }

  private String add(String operator, String name, String... inputs) {
    node(operator, name, inputs);
    return name;
  }

  private NodeProto.Builder node(String operator, String name, String... inputs) {
    return graph
        .addNodeBuilder()
        .setOpType(operator)
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOutput(name);
  }

  private String constant(String name, float[] channels) {
    ByteBuffer bytes =
        ByteBuffer.allocate(channels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float channel : channels) {
      bytes.putFloat(channel);
    }
    graph
        .addInitializerBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT.getNumber())
        .addAllDims(List.of(1L, (long) channels.length, 1L, 1L))
        .setRawData(UnsafeByteOperations.unsafeWrap(bytes.array()));
    return name;
  }

  /** Refuses more bytes of weights than the format holds. */
  static void requireRoom(long weights) {
    if (weights > MOST) {
      throw UsageException.of(
          "--format",
          "onnx ends at 2 GiB, and this encoder is larger; export it as torchscript or safetensors");
    }
  }

  private void weight(String name, Tensor values) {
    Tensor stored = half ? values.to(ScalarType.Half) : values;
    if (half && !stored.isfinite().all().item_bool()) {
      throw UsageException.of(
          "--fp16",
          "cannot hold this encoder: "
              + name
              + " has values beyond ±65504; export it in single precision, without --fp16");
    }
    long count = stored.numel() * stored.element_size();
    weights += count;
    requireRoom(weights);
    TensorProto.Builder tensor =
        graph
            .addInitializerBuilder()
            .setName(name)
            .setDataType(
                (half ? TensorProto.DataType.FLOAT16 : TensorProto.DataType.FLOAT).getNumber());
    for (int i = 0; i < stored.dim(); i++) {
      tensor.addDims(stored.size(i));
    }
    try (BytePointer bytes = new BytePointer(stored.data_ptr()).capacity(count)) {
      // As in memory: libtorch runs on little-endian machines alone.
      tensor.setRawData(ByteString.copyFrom(bytes.asByteBuffer()));
    }
  }

  private static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto decimal(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static AttributeProto numbers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }
}
