package dev.millrace.exchange.onnx;

import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.view.Normalisation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;

/**
 * An encoder as an ONNX model: operator set {@value #OPSET}, batch, height and width free; where
 * the encoder sees pictures of one size only, height and width are that.
 *
 * <p>Its input {@value #INPUT} is {@code [N, 3, H, W] float32}, red, green, blue, each in [0, 1];
 * the graph normalises it. Its output {@value #OUTPUT} is {@code [N, D] float32}. Equal encoders
 * give equal bytes.
 */
public final class OnnxModel {
  /** Name of the input. */
  public static final String INPUT = "pixels";

  /** Name of the output. */
  public static final String OUTPUT = "features";

  /** Operator set; ONNX Runtime reads it from 1.12 on. */
  public static final int OPSET = 17;

  /** The schema's version that belongs to that operator set. */
  private static final int IR_VERSION = 8;

  /** In which arithmetic a model computes; input and output are float32 either way. */
  public enum Arithmetic {
    /** Single precision. */
    FLOAT32,
    /**
     * Weights and convolutions in half precision; normalisation of the pixels and the last mean in
     * single.
     */
    FLOAT16
  }

  private OnnxModel() {}

  /**
   * Writes a model.
   *
   * @param file is replaced, not atomically
   * @param net on the CPU
   * @param normalisation becomes part of the graph
   * @param about goes to the model's {@code metadata_props}
   * @throws IllegalArgumentException if the weights do not fit into the format: above 2 GiB, or
   *     beyond the range of float16 where that is asked for
   */
  public static void write(
      Path file,
      FrozenEncoder net,
      Normalisation normalisation,
      Arithmetic arithmetic,
      Map<String, String> about)
      throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("encoder");
    OnnxGraph writer = new OnnxGraph(graph, arithmetic == Arithmetic.FLOAT16);
    String normalised = writer.normalise(INPUT, normalisation.mean(), normalisation.std());
    writer.rename(net.transcribe(normalised, writer), OUTPUT);
    graph.addInput(
        value(
            INPUT,
            "RGB in [0, 1], channels first",
            symbol("batch"),
            number(3),
            side(net, "height"),
            side(net, "width")));
    graph.addOutput(
        value(OUTPUT, "of each picture, one row", symbol("batch"), number(net.spec().dim())));
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("Millrace")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph);
    new TreeMap<>(about)
        .forEach(
            (key, text) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(text)));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      model.build().writeTo(out);
    }
  }

  /** Free, unless the encoder sees pictures of one size only. */
  private static TensorShapeProto.Dimension side(FrozenEncoder net, String name) {
    return net.spec()
        .onlySize()
        .map(size -> number(size.longValue()))
        .orElseGet(() -> symbol(name));
  }

  private static TensorShapeProto.Dimension symbol(String name) {
    return TensorShapeProto.Dimension.newBuilder().setDimParam(name).build();
  }

  private static TensorShapeProto.Dimension number(long size) {
    return TensorShapeProto.Dimension.newBuilder().setDimValue(size).build();
  }

  private static ValueInfoProto value(
      String name, String words, TensorShapeProto.Dimension... sizes) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder().addAllDim(java.util.List.of(sizes)).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setDocString(words)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }
}
