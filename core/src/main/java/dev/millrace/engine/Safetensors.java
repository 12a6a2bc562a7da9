package dev.millrace.engine;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Printable;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
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

  /** Gives the bytes of a tensor when its turn to be written has come. */
  @FunctionalInterface
  public interface Bytes {
    /** All of them, little-endian and row-major; asked once more where a checksum is wanted. */
    ByteBuffer get() throws IOException;

    /** The same one after another, in as many buffers as it takes: one holds less than 2 GiB. */
    default List<ByteBuffer> parts() throws IOException {
      return List.of(get());
    }
  }

  /**
   * A tensor to be written that need not be libtorch's.
   *
   * @param shape its sizes
   */
  public record Piece(ElementType type, List<Long> shape, Bytes bytes) {
    /** Makes the list immutable. */
    public Piece {
      shape = List.copyOf(shape);
    }
  }

  private static final Map<ElementType, ScalarType> TYPES =
      Map.of(
          ElementType.F32, ScalarType.Float,
          ElementType.F64, ScalarType.Double,
          ElementType.F16, ScalarType.Half,
          ElementType.BF16, ScalarType.BFloat16,
          ElementType.I64, ScalarType.Long,
          ElementType.I32, ScalarType.Int,
          ElementType.U8, ScalarType.Byte);

  /** A buffer of JavaCPP's ends at 2³¹ − 1 bytes, without a word where there are more. */
  private static final long PART = 1 << 30;

  /**
   * A tensor's own memory.
   *
   * @param most bytes of a part
   */
  private record TensorBytes(Tensor tensor, long most) implements Bytes {
    @Override
    public ByteBuffer get() {
      List<ByteBuffer> parts = parts();
      if (parts.size() > 1) {
        throw new IllegalStateException(
            "a tensor of %d bytes is in %d parts; ask for these"
                .formatted(tensor.numel() * tensor.element_size(), parts.size()));
      }
      return parts.isEmpty() ? ByteBuffer.allocate(0) : parts.get(0); // no memory to point at
    }

    @Override
    public List<ByteBuffer> parts() {
      return Safetensors.parts(tensor, most);
    }
  }

  private Safetensors() {}

  /**
   * Metadata that carries a checksum over the whole file, which every reader here holds the file
   * to; a checksum of another file among it is replaced.
   */
  public static Map<String, String> sealed(Map<String, String> metadata) {
    Map<String, String> sealed = new TreeMap<>(metadata);
    sealed.put(SealedHeader.KEY, SealedHeader.BLANK);
    return sealed;
  }

  /**
   * Writes a file atomically; tensors may be on any device and of any strides.
   *
   * @param metadata words about the file; {@link #sealed} ones get the file's checksum
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    write(file, tensors, metadata, PART);
  }

  /** Like the other; the parts that the bytes go out in change none of them. */
  static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata, long part)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Piece> pieces = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue().detach().cpu().contiguous();
        pieces.put(
            entry.getKey(),
            new Piece(
                typeOf(entry.getKey(), tensor.scalar_type()),
                LongStream.range(0, tensor.dim()).mapToObj(tensor::size).toList(),
                new TensorBytes(tensor, part)));
      }
      writePieces(file, pieces, metadata);
    }
  }

  /**
   * Like {@link #write}, of tensors that are not libtorch's: nothing native is needed.
   *
   * @throws IOException if it cannot be written, or a piece has other bytes than its type and shape
   *     say; nothing is left behind
   */
  public static void writePieces(Path file, Map<String, Piece> pieces, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode about = header.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(about::put);
    }
    boolean sealed = metadata.containsKey(SealedHeader.KEY);
    if (sealed) {
      ((ObjectNode) header.get("__metadata__")).put(SealedHeader.KEY, SealedHeader.BLANK);
    }
    Map<String, Piece> sorted = new TreeMap<>(pieces);
    long offset = 0;
    for (Map.Entry<String, Piece> entry : sorted.entrySet()) {
      Piece piece = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", piece.type().name());
      long bytes = bytes(piece);
      node.putArray("shape");
      for (long dim : piece.shape()) {
        node.withArray("shape").add(dim);
      }
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
    if (sealed) {
      MessageDigest digest = Sha256.digest();
      digest.update(head.duplicate());
      for (Map.Entry<String, Piece> entry : sorted.entrySet()) {
        eachPart(entry.getKey(), entry.getValue(), digest::update);
      }
      SealedHeader.put(head.array(), HexFormat.of().formatHex(digest.digest()));
    }
    AtomicFiles.write(
        file,
        channel -> {
          writeAll(channel, head);
          for (Map.Entry<String, Piece> entry : sorted.entrySet()) {
            eachPart(entry.getKey(), entry.getValue(), part -> writeAll(channel, part));
          }
        });
  }

  /** What becomes of a piece's bytes. */
  private interface Sink {
    void take(ByteBuffer part) throws IOException;
  }

  /** Hands on all bytes of a piece, and refuses one that has others than the header says. */
  private static void eachPart(String name, Piece piece, Sink sink) throws IOException {
    long bytes = 0;
    for (ByteBuffer part : piece.bytes().parts()) {
      bytes += part.remaining();
      sink.take(part);
    }
    long expected = bytes(piece);
    if (bytes != expected) {
      throw new IOException(
          "%s has %d bytes; expected %d for %s of shape %s"
              .formatted(name, bytes, expected, piece.type(), piece.shape()));
    }
  }

  private static long bytes(Piece piece) {
    long bytes = piece.type().bytes();
    for (long dim : piece.shape()) {
      bytes *= dim;
    }
    return bytes;
  }

  /**
   * Reads a whole file; the tensors belong to the caller's scope.
   *
   * @throws IOException if it is not a complete safetensors file, or does not fit the checksum that
   *     it carries; the message says what is wrong
   */
  public static Contents read(Path file, Device device) throws IOException {
    return read(file, device, PART);
  }

  /** Like the other; the parts that the bytes come in change none of them. */
  static Contents read(Path file, Device device, long part) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, channel);
      header.requireIntact(file, channel);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        tensors.put(entry.name(), tensor(file, channel, entry, device, part));
      }
      return new Contents(tensors, header.metadata());
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /**
   * Reads a file and holds it to the checksum that it carries; nothing native is needed.
   *
   * @return whether it carries one
   * @throws IOException if it is damaged
   */
  public static boolean intact(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, channel);
      header.requireIntact(file, channel);
      return header.metadata().containsKey(SealedHeader.KEY);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** Reads only a file's metadata; nothing native is needed. */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return SafetensorsHeader.read(file, channel).metadata();
    }
  }

  private static Tensor tensor(
      Path file, FileChannel channel, SafetensorsHeader.Entry entry, Device device, long part)
      throws IOException {
    ScalarType type = TYPES.get(entry.type());
    if (type == null) {
      throw SafetensorsHeader.bad(
          file,
          entry.name()
              + " has dtype "
              + entry.type()
              + "; those that can be read are "
              + TYPES.keySet());
    }
    Tensor tensor =
        torch.zeros(entry.shape().stream().mapToLong(Long::longValue).toArray()).to(type);
    channel.position(entry.position());
    for (ByteBuffer bytes : parts(tensor, part)) {
      SafetensorsHeader.readAll(channel, bytes);
    }
    if (channel.position() != entry.position() + entry.bytes()) {
      throw SafetensorsHeader.bad(
          file,
          "%s has %d bytes; read were %d"
              .formatted(
                  Printable.of(entry.name(), 300),
                  entry.bytes(),
                  channel.position() - entry.position()));
    }
    return device.cuda() ? tensor.to(device.torch(), type) : tensor;
  }

  /** A tensor's memory as buffers next to each other; none of an empty one. */
  private static List<ByteBuffer> parts(Tensor tensor, long most) {
    long count = tensor.numel() * tensor.element_size();
    return NativeBuffers.parts(new BytePointer(tensor.data_ptr()).capacity(count), count, most);
  }

  private static ElementType typeOf(String name, ScalarType type) {
    for (Map.Entry<ElementType, ScalarType> known : TYPES.entrySet()) {
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
}
