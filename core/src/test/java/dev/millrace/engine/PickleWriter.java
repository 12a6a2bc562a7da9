package dev.millrace.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles code by code, as Python's would, and files of torch.save's form around them. */
public final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, float[]> storages = new LinkedHashMap<>();

  /** A pickle of a protocol from 2 to 5. */
  public PickleWriter(int protocol) {
    code(0x80, protocol);
  }

  /** Codes as they stand. */
  public PickleWriter code(int... codes) {
    for (int code : codes) {
      out.write(code);
    }
    return this;
  }

  /** Codes that are letters. */
  public PickleWriter code(String codes) {
    out.writeBytes(codes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** A name of a module. */
  public PickleWriter global(String module, String name) {
    return code("c" + module + "\n" + name + "\n");
  }

  /** As {@link #global}, as protocol 4 writes it. */
  public PickleWriter stackGlobal(String module, String name) {
    return text(module).text(name).code(0x93);
  }

  /** A word. */
  public PickleWriter text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    code('X');
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
    out.writeBytes(bytes);
    return this;
  }

  /** A whole number. */
  public PickleWriter number(int number) {
    code('J');
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
    return this;
  }

  /** A tuple of whole numbers. */
  public PickleWriter tuple(long... numbers) {
    code("(");
    for (long number : numbers) {
      number((int) number);
    }
    return code("t");
  }

  /** A float32 tensor in a storage of its own. */
  public PickleWriter tensor(float[] values, List<Long> shape) {
    String key = Integer.toString(storages.size());
    storages.put(key, values);
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    long[] strides = new long[sizes.length];
    long stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes[i];
    }
    global("torch._utils", "_rebuild_tensor_v2");
    code("((").text("storage").global("torch", "FloatStorage").text(key).text("cpu");
    number(values.length).code("tQ").number(0).tuple(sizes).tuple(strides).code(0x89);
    return global("collections", "OrderedDict").code(")RtR");
  }

  /** Tensors by name, as an ordered dictionary with torch's attributes on it. */
  public PickleWriter stateDict(Map<String, StoredTensor> tensors, String prefix)
      throws IOException {
    global("collections", "OrderedDict").code(")R(");
    for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
      StoredTensor tensor = entry.getValue();
      float[] values = tensor.type().floating() ? tensor.floats() : new float[1];
      text(prefix + entry.getKey()).tensor(values, tensor.shape());
    }
    return code("u}").text("_metadata").global("collections", "OrderedDict").code(")Rsb");
  }

  /** The pickle, ended. */
  byte[] bytes() {
    byte[] pickle = Arrays.copyOf(out.toByteArray(), out.size() + 1);
    pickle[out.size()] = '.';
    return pickle;
  }

  /** Writes it and its storages as torch.save does. */
  public Path save(Path file) throws IOException {
    try (OutputStream to = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(to)) {
      record(zip, "archive/data.pkl", bytes());
      for (Map.Entry<String, float[]> storage : storages.entrySet()) {
        ByteBuffer numbers =
            ByteBuffer.allocate(4 * storage.getValue().length).order(ByteOrder.LITTLE_ENDIAN);
        numbers.asFloatBuffer().put(storage.getValue());
        record(zip, "archive/data/" + storage.getKey(), numbers.array());
      }
    }
    return file;
  }

  private static void record(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }
}
