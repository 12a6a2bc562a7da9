package dev.millrace.exchange.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;

/**
 * The vectors of a finished embedding, kept beside its file so that a later call computes only what
 * is new: a line that says what they depend on, then a key and a vector per picture, little-endian.
 * What is kept in memory is 50 bytes or so per picture. Not thread-safe; close it to give the file
 * back.
 */
final class KeptVectors implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_LINE = 1 << 16;
  private static final int BLOCK = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final long begin;
  private final int dim;
  private final Map<Long, Integer> records = new HashMap<>();

  private KeptVectors(Path file, FileChannel channel, long begin, int dim) {
    this.file = file;
    this.channel = channel;
    this.begin = begin;
    this.dim = dim;
  }

  /**
   * Writes vectors, in the place of those that are there.
   *
   * @param identity what they depend on
   * @param key of the picture at a place
   */
  static void write(Path file, Map<String, String> identity, Rows rows, IntToLongFunction key)
      throws IOException {
    byte[] line = (JSON.writeValueAsString(identity) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(
        file,
        channel -> {
          all(channel, ByteBuffer.wrap(line));
          ByteBuffer block =
              ByteBuffer.allocate(Math.max(BLOCK, size(rows.dim()))).order(ByteOrder.LITTLE_ENDIAN);
          for (Row row = rows.next(); row != null; row = rows.next()) {
            if (block.remaining() < size(rows.dim())) {
              all(channel, block.flip());
              block.clear();
            }
            block.putLong(key.applyAsLong((int) row.id()));
            for (float number : row.vector()) {
              block.putFloat(number);
            }
          }
          all(channel, block.flip());
        });
  }

  private static void all(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static int size(int dim) {
    return Long.BYTES + Float.BYTES * dim;
  }

  /**
   * Opens kept vectors.
   *
   * @param identity what vectors depend on now
   * @throws IllegalArgumentException if these depend on something else
   * @throws IOException if they cannot be read
   */
  static KeptVectors open(Path file, Map<String, String> identity, int dim) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ByteBuffer start = ByteBuffer.allocate((int) Math.min(LONGEST_LINE, channel.size()));
      while (start.hasRemaining() && channel.read(start) >= 0) {
        // reads on
      }
      int end = 0;
      while (end < start.position() && start.get(end) != '\n') {
        end++;
      }
      requireSame(file, new String(start.array(), 0, end, StandardCharsets.UTF_8), identity);
      KeptVectors kept = new KeptVectors(file, channel, end + 1L, dim);
      kept.list();
      return kept;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void requireSame(Path file, String line, Map<String, String> identity)
      throws IOException {
    Map<String, String> found;
    try {
      found = JSON.readValue(line, new TypeReference<Map<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is damaged: it does not begin with what it is of", e);
    }
    List<String> other = new ArrayList<>();
    identity.forEach(
        (name, value) -> {
          if (!value.equals(found.get(name))) {
            other.add("%s is %s there and %s now".formatted(name, found.get(name), value));
          }
        });
    if (!other.isEmpty()) {
      throw new IllegalArgumentException(
          "--out: %s holds vectors of another kind: %s; remove it and the embedding beside it to begin anew, or choose another --out"
              .formatted(file, String.join("; ", other)));
    }
  }

  private void list() throws IOException {
    long count = (channel.size() - begin) / size(dim);
    for (int i = 0; i < count; i++) {
      ByteBuffer key = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      read(key, begin + (long) i * size(dim));
      records.put(key.getLong(0), i);
    }
  }

  private void read(ByteBuffer into, long from) throws IOException {
    try {
      long at = from;
      while (into.hasRemaining()) {
        int n = channel.read(into, at);
        if (n < 0) {
          throw new IOException("it ended early");
        }
        at += n;
      }
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  /** Whether a picture's vector is kept. */
  boolean has(long key) {
    return records.containsKey(key);
  }

  /** Copies a kept vector to a place. */
  void copy(long key, float[] to, int from) throws IOException {
    ByteBuffer vector = ByteBuffer.allocate(Float.BYTES * dim).order(ByteOrder.LITTLE_ENDIAN);
    read(vector, begin + (long) records.get(key) * size(dim) + Long.BYTES);
    vector.flip().asFloatBuffer().get(to, from, dim);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
