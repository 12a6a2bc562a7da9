package dev.millrace.engine;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of a weights file: what it looks like, and where its numbers lie. Nothing is read before
 * {@link #floats}, and nothing native is needed. Thread-safe while the file stays as it is.
 */
public final class StoredTensor {
  /** Most dimensions that torch gives a tensor. */
  private static final int DIMS = 64;

  /** Reads the bytes of a storage, all of them. */
  @FunctionalInterface
  interface Reader {
    byte[] read() throws IOException;
  }

  /** A run of numbers that several tensors may share. */
  static final class Storage {
    private final ElementType type;
    private final long elements;
    private final ByteOrder order;
    private final Reader reader;
    // Storage that is shared is read once, as long as memory is plenty.
    private SoftReference<byte[]> kept = new SoftReference<>(null);

    Storage(ElementType type, long elements, ByteOrder order, Reader reader) {
      this.type = type;
      this.elements = elements;
      this.order = order;
      this.reader = reader;
    }

    ElementType type() {
      return type;
    }

    long elements() {
      return elements;
    }

    private synchronized ByteBuffer bytes() throws IOException {
      byte[] bytes = kept.get();
      if (bytes == null) {
        bytes = reader.read();
        if (bytes.length != elements * type.bytes()) {
          throw new IOException(
              "%d bytes, expected %d: the file is damaged"
                  .formatted(bytes.length, elements * type.bytes()));
        }
        kept = new SoftReference<>(bytes);
      }
      return ByteBuffer.wrap(bytes).order(order);
    }
  }

  private final Storage storage;
  private final long offset;
  private final List<Long> shape;
  private final List<Long> strides;
  private final long count;

  private StoredTensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {
    this.storage = storage;
    this.offset = offset;
    this.shape = List.copyOf(shape);
    this.strides = List.copyOf(strides);
    this.count = count(shape);
  }

  /**
   * A view of a storage.
   *
   * @param offset of its first number
   * @throws IOException if a part of it lies outside the storage
   */
  static StoredTensor of(Storage storage, long offset, List<Long> shape, List<Long> strides)
      throws IOException {
    boolean fits = shape.size() <= DIMS && shape.size() == strides.size() && offset >= 0;
    try {
      long last = offset;
      for (int i = 0; fits && i < shape.size(); i++) {
        fits = shape.get(i) >= 0 && strides.get(i) >= 0;
        last =
            Math.addExact(last, Math.multiplyExact(Math.max(0, shape.get(i) - 1), strides.get(i)));
      }
      fits &= count(shape) == 0 || last < storage.elements();
    } catch (ArithmeticException beyondAnyFile) {
      fits = false;
    }
    if (!fits) {
      throw new IOException(
          "a tensor of shape %s, strides %s and offset %d lies outside its %d numbers: the file is damaged"
              .formatted(shape, strides, offset, storage.elements()));
    }
    return new StoredTensor(storage, offset, shape, strides);
  }

  /** A tensor that fills its storage, row-major. */
  static StoredTensor dense(Storage storage, List<Long> shape) throws IOException {
    List<Long> strides = new ArrayList<>(shape);
    long stride = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      strides.set(i, stride);
      stride *= shape.get(i);
    }
    return of(storage, 0, shape, strides);
  }

  private static long count(List<Long> shape) {
    long count = 1;
    for (long dim : shape) {
      count = dim == 0 ? 0 : Math.multiplyExact(count, dim);
    }
    return count;
  }

  /** Kind of its numbers. */
  public ElementType type() {
    return storage.type();
  }

  /** Its size in every dimension. */
  public List<Long> shape() {
    return shape;
  }

  /** Whether it has more numbers than lie in the file, as an expanded view has. */
  public boolean repeats() {
    return count > storage.elements();
  }

  /**
   * Its numbers, row-major, as float32.
   *
   * @throws IOException if they are of no floating type, repeated beyond what the file holds, more
   *     than an array takes, or cannot be read
   */
  public float[] floats() throws IOException {
    if (!type().floating()) {
      throw new IOException("it is of type " + type() + "; expected F32, F16, BF16 or F64");
    }
    if (repeats()) {
      throw new IOException(
          "it has %d numbers of which the file holds %d; save a contiguous copy of it"
              .formatted(count, storage.elements()));
    }
    if (storage.elements() * type().bytes() > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "it lies in a storage of %d numbers; one of at most 2 GB can be read, so save a copy of the tensor itself"
              .formatted(storage.elements()));
    }
    float[] floats = new float[(int) count];
    if (count > 0) {
      fill(floats, 0, 0, offset, storage.bytes());
    }
    return floats;
  }

  private int fill(float[] floats, int to, int dim, long from, ByteBuffer bytes) {
    if (dim == shape.size()) {
      floats[to] = type().floatAt(bytes, (int) from);
      return to + 1;
    }
    long stride = strides.get(dim);
    for (long i = 0; i < shape.get(dim); i++) {
      to = fill(floats, to, dim + 1, from + i * stride, bytes);
    }
    return to;
  }
}
