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
import org.bytedeco.pytorch.Tensor;
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

  private static AttributeProto numbers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }
}
