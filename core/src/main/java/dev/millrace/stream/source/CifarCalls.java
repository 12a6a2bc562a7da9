package dev.millrace.stream.source;

import dev.millrace.pickle.Calls;
import dev.millrace.pickle.Pickle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The few names that the pickle of a numpy array of bytes needs. */
final class CifarCalls implements Calls {
  /** Longer words of Python 2 are the pictures. */
  private static final int LONGEST_WORD = 256;

  private static final String RECONSTRUCT = "multiarray._reconstruct";
  private static final String ARRAY = "numpy.ndarray";
  private static final String TYPE = "numpy.dtype";
  private static final String ENCODE = "_codecs.encode";
  private static final String FROM_BUFFER = "numeric._frombuffer";
  private static final Set<String> NAMES =
      Set.of(
          "numpy.core." + RECONSTRUCT,
          "numpy._core." + RECONSTRUCT,
          "numpy.core." + FROM_BUFFER,
          "numpy._core." + FROM_BUFFER,
          ARRAY,
          TYPE,
          ENCODE);

  /** Of encoded text, in bytes; a batch of CIFAR-100, the largest, has 154 MB. */
  private static final long MOST = 512L << 20;

  /** A name that stands for a call here. */
  private record Name(String whole) {}

  /** An element type, {@code u1} for bytes. */
  private record Type(String name) {}

  /** An array of bytes, {@code [rows, columns]}, row after row; empty until its state is known. */
  static final class Array {
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int rows;
    private int columns;

    ByteBuffer bytes() {
      return bytes;
    }

    int rows() {
      return rows;
    }

    int columns() {
      return columns;
    }
  }

  private final String file;

  /** Bytes of text that were encoded. */
  private long encoded;

  CifarCalls(String file) {
    this.file = file;
  }

  @Override
  public Object global(String module, String name) {
    String whole = module + "." + name;
    return NAMES.contains(whole) ? new Name(whole) : new Pickle.Inert(whole);
  }

  @Override
  public Object call(Object callable, Object arguments) throws IOException {
    if (!(callable instanceof Name name && arguments instanceof Pickle.Tuple tuple)) {
      return callable instanceof Pickle.Inert ? callable : new Pickle.Inert("what is no function");
    }
    List<Object> items = tuple.items();
    Object first = items.isEmpty() ? null : items.get(0);
    if (name.whole().endsWith(RECONSTRUCT) && name(first, ARRAY)) {
      return new Array();
    }
    if (name.whole().endsWith(FROM_BUFFER) && items.size() == 4) { // of protocol 5
      Array array = new Array();
      Object byColumns = !"C".equals(items.get(3));
      array(array, Arrays.asList(1L, items.get(2), items.get(1), byColumns, first));
      return array;
    }
    if (name.whole().equals(TYPE) && first instanceof String type) {
      return new Type(type);
    }
    // As Python 3 writes bytes for Python 2.
    return name.whole().equals(ENCODE) && first instanceof String text
        ? encoded(text)
        : new Pickle.Inert(name.whole());
  }

  /** One text may be encoded again and again: all of it together is no more than batches hold. */
  private ByteBuffer encoded(String text) throws IOException {
    encoded += text.length();
    if (encoded > MOST) {
      throw new IOException(
          "%s encodes more than %d MB of text, %s".formatted(file, MOST >> 20, tooLong()));
    }
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean name(Object object, String whole) {
    return object instanceof Name name && name.whole().equals(whole);
  }

  @Override
  public Object made(Object type) {
    return type instanceof Pickle.Inert ? type : new Pickle.Inert("what is no class");
  }

  @Override
  public Object stored(Object id) {
    return new Pickle.Inert("a loader of its writer's");
  }

  @Override
  public boolean state(Object object, Object state) throws IOException {
    if (object instanceof Array array) {
      array(array, state instanceof Pickle.Tuple tuple ? tuple.items() : List.of());
      return true;
    }
    return object instanceof Type;
  }

  /** Version, shape, type, whether columns lie together, bytes. */
  private void array(Array array, List<Object> state) throws IOException {
    if (state.size() != 5
        || !(state.get(1) instanceof Pickle.Tuple shape)
        || shape.items().size() != 2
        || !(shape.items().get(0) instanceof Long rows)
        || !(shape.items().get(1) instanceof Long columns)
        || !(state.get(2) instanceof Type type)
        || !type.name().equals("u1")
        || !Boolean.FALSE.equals(state.get(3))) {
      throw new IOException(
          file
              + " is no batch of CIFAR: its data is no array [pictures, 3072] of bytes, row by row");
    }
    ByteBuffer bytes =
        state.get(4) instanceof byte[] raw
            ? ByteBuffer.wrap(raw)
            : state.get(4) instanceof ByteBuffer view ? view : ByteBuffer.allocate(0);
    if (rows < 0
        || columns < 1
        || rows > bytes.remaining()
        || rows * columns != bytes.remaining()) {
      throw new IOException(
          "%s is damaged: its array of %d × %d has %d bytes"
              .formatted(file, rows, columns, bytes.remaining()));
    }
    array.bytes = bytes.slice();
    array.rows = rows.intValue();
    array.columns = columns.intValue();
  }

  @Override
  public Object word(ByteBuffer bytes) {
    return bytes.remaining() > LONGEST_WORD ? bytes : Calls.super.word(bytes);
  }

  @Override
  public String tooLong() {
    return "which no batch of CIFAR takes; take the file as it comes from its authors";
  }
}
