package dev.millrace.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.Json;
import dev.millrace.file.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says of itself, checked against its length; no number of it is read.
 *
 * @param entries the tensors, in the file's order
 * @param metadata the file's words about itself
 * @param bytes length of the header's JSON
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata, long bytes) {
  /**
   * One tensor.
   *
   * @param shape sizes, each at least 0
   * @param position of its first byte in the file
   * @param bytes as many as type and shape need
   */
  record Entry(String name, ElementType type, List<Long> shape, long position, long bytes) {
    Entry {
      shape = List.copyOf(shape);
    }
  }

  /** Longest header that is read, in bytes; that of ten thousand tensors takes a tenth of it. */
  private static final long LONGEST = 16 << 20;

  private static final int DIMS = 64;

  SafetensorsHeader {
    entries = List.copyOf(entries);
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads the header.
   *
   * @throws IOException if it is no header, or one of another file's length
   */
  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    if (size < 8) {
      throw bad(file, "it has " + size + " bytes, too few for a header");
    }
    readAll(channel, length);
    long headerSize = length.flip().getLong();
    if (headerSize > LONGEST && headerSize <= size - 8) {
      throw bad(
          file,
          "its header has %d bytes; one of at most %d is read".formatted(headerSize, LONGEST));
    }
    if (headerSize < 2 || headerSize > size - 8) {
      throw bad(
          file,
          "its header claims %d bytes of a file of %d: it is cut short or no safetensors file; fetch or copy it again"
              .formatted(headerSize, size));
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerSize);
    readAll(channel, json);
    JsonNode header;
    try {
      header = Json.UNIQUE_FIELDS.readTree(new String(json.array(), StandardCharsets.UTF_8));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw bad(
          file,
          e.getOriginalMessage().startsWith("Duplicate field")
              ? "its header has " + Printable.of(e.getOriginalMessage(), 300)
              : "its header is not JSON");
    }
    if (header == null || !header.isObject()) {
      throw bad(file, "its header is not a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    header
        .path("__metadata__")
        .fields()
        .forEachRemaining(e -> metadata.put(e.getKey(), e.getValue().asText()));
    List<Entry> entries = new ArrayList<>();
    long data = 8 + headerSize;
    for (Map.Entry<String, JsonNode> entry :
        (Iterable<Map.Entry<String, JsonNode>>) header::fields) {
      if (!entry.getKey().equals("__metadata__")) {
        entries.add(entry(file, data, size, entry.getKey(), entry.getValue()));
      }
    }
    requireApart(file, entries);
    return new SafetensorsHeader(entries, metadata, headerSize);
  }

  /** Refuses a file that does not fit the checksum it carries; one without is taken as it is. */
  void requireIntact(Path file, FileChannel channel) throws IOException {
    SealedHeader.require(file, channel, metadata.get(SealedHeader.KEY), bytes);
  }

  /** Refuses tensors that share bytes: each would be written over by the other's damage. */
  private static void requireApart(Path file, List<Entry> entries) throws IOException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::position).thenComparingLong(Entry::bytes));
    for (int i = 1; i < sorted.size(); i++) {
      Entry before = sorted.get(i - 1);
      if (sorted.get(i).position() < before.position() + before.bytes()) {
        throw bad(
            file,
            "%s and %s lie over each other"
                .formatted(
                    Printable.of(before.name(), 300), Printable.of(sorted.get(i).name(), 300)));
      }
    }
  }

  private static Entry entry(Path file, long data, long size, String named, JsonNode node)
      throws IOException {
    String name = Printable.of(named, 300);
    ElementType type = ElementType.named(node.path("dtype").asText());
    if (type == null) {
      throw bad(
          file,
          name
              + " has dtype "
              + Printable.of(node.path("dtype").toString(), 80)
              + "; known are "
              + List.of(ElementType.values()));
    }
    JsonNode dims = node.path("shape");
    List<Long> shape = new ArrayList<>();
    long expected = type.bytes();
    if (!dims.isArray() || dims.size() > DIMS) {
      throw bad(file, name + " has shape " + Printable.of(dims.toString(), 80));
    }
    for (JsonNode each : dims) {
      long dim = whole(each);
      // Checked before anything is allocated: a damaged shape may ask for exabytes.
      if (dim < 0 || dim > 0 && expected > Long.MAX_VALUE / dim) {
        throw bad(file, name + " has shape " + Printable.of(dims.toString(), 80));
      }
      shape.add(dim);
      expected *= dim;
    }
    long from = whole(node.path("data_offsets").path(0));
    long to = whole(node.path("data_offsets").path(1));
    if (from < 0 || to < from || to - from != expected || to > size - data) {
      throw bad(
          file,
          "%s lies at bytes %d to %d of %d; expected %d bytes: the file is truncated or damaged"
              .formatted(name, from, to, size - data, expected));
    }
    return new Entry(named, type, shape, data + from, expected);
  }

  /** A number that counts something; -1 for anything else. */
  private static long whole(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() ? node.longValue() : -1;
  }

  static void readAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the file ended early");
      }
    }
  }

  static IOException bad(Path file, String reason) {
    return new IOException(file + " is not a usable safetensors file: " + reason);
  }
}
