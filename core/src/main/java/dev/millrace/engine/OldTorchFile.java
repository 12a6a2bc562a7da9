package dev.millrace.engine;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files of {@code torch.save} before torch 1.6, in which many published weights still are: five
 * pickles after one another (a magic number, a version, facts of the system, the content, the
 * storages' keys), then the storages, each after its length. Nothing of a pickle is executed.
 */
final class OldTorchFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  /** Where a storage's numbers begin, known only when the pickles are over. */
  private static final class Place {
    private long position = -1;
    private final ElementType type;
    private final long elements;

    Place(ElementType type, long elements) {
      this.type = type;
      this.elements = elements;
    }
  }

  private OldTorchFile() {}

  /**
   * What the file's content is, as {@link TensorPickle#read} gives it.
   *
   * @throws IOException if it is damaged
   */
  static Object read(Path file) throws IOException {
    long size = Files.size(file);
    ByteBuffer head =
        ByteBuffer.wrap(TorchFile.bytes(file, 0, Math.min(size, TensorPickle.LONGEST)));
    TensorPickle.Storages none =
        (key, type, elements) -> {
          throw damaged(file, "it has a tensor where none belongs");
        };
    Object magic = new TensorPickle(file, head, none).read();
    if (!MAGIC.equals(magic)) {
      throw new IOException(
          file + " is a pickle, but none of torch.save; give one, or a safetensors file");
    }
    Object version = new TensorPickle(file, head, none).read();
    Object system = new TensorPickle(file, head, none).read();
    if (!Long.valueOf(VERSION).equals(version) || !(system instanceof Map<?, ?> facts)) {
      throw damaged(file, "its version is " + (version instanceof Number ? version : "missing"));
    }
    ByteOrder order =
        Boolean.FALSE.equals(facts.get("little_endian"))
            ? ByteOrder.BIG_ENDIAN
            : ByteOrder.LITTLE_ENDIAN;
    Map<String, Place> places = new HashMap<>();
    Object content =
        new TensorPickle(
                file,
                head,
                (key, type, elements) -> {
                  Place place = new Place(type, elements);
                  places.put(key, place);
                  return new StoredTensor.Storage(
                      type,
                      elements,
                      order,
                      () -> TorchFile.bytes(file, place.position, elements * type.bytes()));
                })
            .read();
    Object keys = new TensorPickle(file, head, none).read();
    if (!(keys instanceof List<?> list)) {
      throw damaged(file, "it does not list its storages");
    }
    place(file, places, list, head.position(), size, order);
    return content;
  }

  private static void place(
      Path file, Map<String, Place> places, List<?> keys, long from, long size, ByteOrder order)
      throws IOException {
    long at = from;
    for (Object key : keys) {
      Place place = key instanceof String name ? places.get(name) : null;
      if (place == null || place.position >= 0) {
        throw damaged(file, "it lists a storage that no tensor lies in");
      }
      if (size - at < Long.BYTES) {
        throw damaged(file, "it ends before its storages do");
      }
      long length = ByteBuffer.wrap(TorchFile.bytes(file, at, Long.BYTES)).order(order).getLong();
      at += Long.BYTES;
      if (length != place.elements || length > (size - at) / place.type.bytes()) {
        throw damaged(
            file,
            "a storage of %d numbers has %d, with %d bytes left"
                .formatted(place.elements, length, size - at));
      }
      place.position = at;
      at += length * place.type.bytes();
    }
    if (places.values().stream().anyMatch(place -> place.position < 0)) {
      throw damaged(file, "a tensor lies in a storage that is not there");
    }
  }

  private static IOException damaged(Path file, String how) {
    return new IOException(file + " is damaged or cut short: " + how + "; fetch or copy it again");
  }
}
