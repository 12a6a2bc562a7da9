package dev.millrace.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The safetensors format: a JSON header, then raw little-endian tensors. Files are
 * byte-reproducible: names are sorted, and nothing of time or place is written.
 */
public final class Safetensors {
  /** What a file holds; the tensors belong to the scope that read them. */
  public record Contents(Map<String, Tensor> tensors, Map<String, String> metadata) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, ScalarType> TYPES =
      Map.of(
          "F32", ScalarType.Float,
          "F64", ScalarType.Double,
          "F16", ScalarType.Half,
          "BF16", ScalarType.BFloat16,
          "I64", ScalarType.Long,
          "I32", ScalarType.Int,
          "U8", ScalarType.Byte);
  private static final long LONGEST_HEADER = 100_000_000;

  private Safetensors() {}

  /** Writes a file atomically; tensors may be on any device and of any strides. */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      ObjectNode header = JSON.createObjectNode();
      if (!metadata.isEmpty()) {
        ObjectNode about = header.putObject("__metadata__");
        new TreeMap<>(metadata).forEach(about::put);
      }
      List<Tensor> dense = new ArrayList<>();
      long offset = 0;
      for (Map.Entry<String, Tensor> entry : new TreeMap<>(tensors).entrySet()) {
        Tensor tensor = entry.getValue().detach().cpu().contiguous();
        dense.add(tensor);
        ObjectNode node = header.putObject(entry.getKey());
        node.put("dtype", typeName(entry.getKey(), tensor.scalar_type()));
        ArrayNode shape = node.putArray("shape");
        for (long i = 0; i < tensor.dim(); i++) {
          shape.add(tensor.size(i));
        }
        long bytes = tensor.numel() * tensor.element_size();
        node.putArray("data_offsets").add(offset).add(offset + bytes);
        offset += bytes;
      }
      byte[] json = JSON.writeValueAsBytes(header);
      int padded = (json.length + 7) / 8 * 8;
      ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
      head.putLong(padded).put(json);
      while (head.hasRemaining()) {
        head.put((byte) ' ');
      }
      head.flip();
      AtomicFiles.write(
          file,
          channel -> {
            writeAll(channel, head);
            for (Tensor tensor : dense) {
              if (tensor.numel() > 0) { // an empty tensor has no memory to point at
                writeAll(channel, bytes(tensor).asByteBuffer());
              }
            }
          });
    }
  }

  /**
   * Reads a whole file; the tensors belong to the caller's scope.
   *
   * @throws IOException if it is not a complete safetensors file; the message says what is wrong
   */
  public static Contents read(Path file, Device device) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      if (size < 8) {
        throw bad(file, "it has " + size + " bytes, too few for a header");
      }
      readAll(channel, length);
      long headerSize = length.flip().getLong();
      if (headerSize < 2 || headerSize > Math.min(LONGEST_HEADER, size - 8)) {
        throw bad(file, "its header claims " + headerSize + " bytes of a file of " + size);
      }
      ByteBuffer json = ByteBuffer.allocate((int) headerSize);
      readAll(channel, json);
      JsonNode header;
      try {
        header = JSON.readTree(new String(json.array(), StandardCharsets.UTF_8));
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        throw bad(file, "its header is not JSON");
      }
      if (!header.isObject()) {
        throw bad(file, "its header is not a JSON object");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      header
          .path("__metadata__")
          .fields()
          .forEachRemaining(e -> metadata.put(e.getKey(), e.getValue().asText()));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      long data = 8 + headerSize;
      for (Map.Entry<String, JsonNode> entry :
          (Iterable<Map.Entry<String, JsonNode>>) header::fields) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(entry.getKey(), tensor(file, channel, data, size, entry, device));
        }
      }
      return new Contents(tensors, metadata);
    }
  }

  /** Reads a file's metadata alone. */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      return read(file, new Device("cpu")).metadata();
    }
  }

  private static Tensor tensor(
      Path file,
      FileChannel channel,
      long data,
      long size,
      Map.Entry<String, JsonNode> entry,
      Device device)
      throws IOException {
    String name = entry.getKey();
    ScalarType type = TYPES.get(entry.getValue().path("dtype").asText());
    if (type == null) {
      throw bad(
          file,
          name + " has dtype " + entry.getValue().path("dtype") + "; known are " + TYPES.keySet());
    }
    JsonNode dims = entry.getValue().path("shape");
    long[] shape = new long[dims.size()];
    long expected = torch.elementSize(type);
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dims.get(i).asLong(-1);
      // Checked before anything is allocated: a damaged shape may ask for exabytes.
      if (shape[i] < 0 || shape[i] > 0 && expected > Long.MAX_VALUE / shape[i]) {
        throw bad(file, name + " has shape " + dims);
      }
      expected *= shape[i];
    }
    long from = entry.getValue().path("data_offsets").path(0).asLong(-1);
    long to = entry.getValue().path("data_offsets").path(1).asLong(-1);
    if (from < 0 || to < from || to - from != expected || to > size - data) {
      throw bad(
          file,
          "%s lies at bytes %d to %d of %d; expected %d bytes: the file is truncated or damaged"
              .formatted(name, from, to, size - data, expected));
    }
    Tensor tensor = torch.zeros(shape).to(type);
    channel.position(data + from);
    if (expected > 0) {
      readAll(channel, bytes(tensor).asByteBuffer());
    }
    return device.cuda() ? tensor.to(device.torch(), type) : tensor;
  }

  private static BytePointer bytes(Tensor tensor) {
    long count = tensor.numel() * tensor.element_size();
    return new BytePointer(tensor.data_ptr()).capacity(count).limit(count);
  }

  private static String typeName(String name, ScalarType type) {
    for (Map.Entry<String, ScalarType> known : TYPES.entrySet()) {
      if (known.getValue() == type || known.getValue().value == type.value) {
        return known.getKey();
      }
    }
    throw new IllegalArgumentException(
        name + " has type " + type + ", which safetensors files here do not hold");
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static void readAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the file ended early");
      }
    }
  }

  private static IOException bad(Path file, String reason) {
    return new IOException(file + " is not a usable safetensors file: " + reason);
  }
}
