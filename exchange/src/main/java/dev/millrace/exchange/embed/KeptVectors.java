package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.refusal.UsageException;
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
import java.util.Set;

/**
 * The vectors of a finished embedding, kept beside its file so that a later call computes only what
 * is new: a line that says what they depend on, then a key and a vector per picture, little-endian.
 * What is kept in memory is 50 bytes or so per picture. Not thread-safe; close it to give the file
 * back.
 */
final class KeptVectors implements Closeable {
  private static final int LONGEST_LINE = 1 << 16;
  private static final int BLOCK = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final long begin;
  private final int dim;
  private final Map<Long, Integer> records = new HashMap<>();

  /** Some records of the file: they are asked for in nearly the order in which they lie there. */
  private final ByteBuffer block;

  private int first;

  private KeptVectors(Path file, FileChannel channel, long begin, int dim) {
    this.file = file;
    this.channel = channel;
    this.begin = begin;
    this.dim = dim;
    block =
        ByteBuffer.allocate(Math.max(1, BLOCK / size(dim)) * size(dim))
            .order(ByteOrder.LITTLE_ENDIAN)
            .limit(0);
  }

  /** Takes vectors with their keys. */
  interface Sink {
    /** One more; {@code vector} is not kept. */
    void put(long key, float[] vector) throws IOException;
  }

  /** Gives vectors with their keys. */
  interface Source {
    /** All of them, one after another. */
    void to(Sink sink) throws IOException;
  }

  /**
   * Writes vectors, in the place of those that are there.
   *
   * @param identity what they depend on
   * @param dim numbers of each
   */
  static void write(Path file, Map<String, String> identity, int dim, Source source)
      throws IOException {
    byte[] line = (JSON.writeValueAsString(identity) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(
        file,
        channel -> {
          all(channel, ByteBuffer.wrap(line));
          ByteBuffer block =
              ByteBuffer.allocate(Math.max(BLOCK, size(dim))).order(ByteOrder.LITTLE_ENDIAN);
          source.to(
              (key, vector) -> {
                if (block.remaining() < size(dim)) {
                  all(channel, block.flip());
                  block.clear();
                }
                block.putLong(key);
                for (float number : vector) {
                  block.putFloat(number);
                }
              });
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
      String line = line(channel);
      requireSame(file, line, identity);
      long begin = line.getBytes(StandardCharsets.UTF_8).length + 1L;
      KeptVectors kept = new KeptVectors(file, channel, begin, dim);
      kept.list();
      return kept;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Refuses vectors that depend on something else; looks at nothing but the first line.
   *
   * @throws IllegalArgumentException if they do
   */
  static void requireSame(Path file, Map<String, String> identity) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireSame(file, line(channel), identity);
    }
  }

  private static String line(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(LONGEST_LINE, channel.size()));
    while (start.hasRemaining() && channel.read(start) >= 0) {
      // reads on
    }
    int end = 0;
    while (end < start.position() && start.get(end) != '\n') {
      end++;
    }
    return new String(start.array(), 0, end, StandardCharsets.UTF_8);
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
      throw UsageException.of(
          "--out",
          ": %s holds vectors of another kind: %s; remove it and the embedding beside it to begin anew, or choose another --out"
              .formatted(file, String.join("; ", other)));
    }
  }

  private void list() throws IOException {
    int count = (int) Math.min(Integer.MAX_VALUE, (channel.size() - begin) / size(dim));
    for (int i = 0; i < count; i++) {
      records.put(block.getLong(at(i)), i);
    }
  }

  /** Where in the block a record begins, which is read with those behind it if need be. */
  private int at(int record) throws IOException {
    int within = record - first;
    if (within < 0 || within >= block.limit() / size(dim)) {
      read(record);
      within = 0;
    }
    return within * size(dim);
  }

  private void read(int from) throws IOException {
    block.clear();
    try {
      long at = begin + (long) from * size(dim);
      while (block.hasRemaining()) {
        int n = channel.read(block, at + block.position());
        if (n < 0) {
          break;
        }
      }
      block.flip();
      if (block.limit() < size(dim)) {
        throw new IOException("it ended early");
      }
    } catch (IOException e) {
      block.limit(0);
      throw Reason.named(file, e);
    }
    first = from;
  }

  /** Whether a picture's vector is kept. */
  boolean has(long key) {
    return records.containsKey(key);
  }

  /** Copies a kept vector to a place. */
  void copy(long key, float[] to, int from) throws IOException {
    int at = at(records.get(key)) + Long.BYTES;
    for (int d = 0; d < dim; d++) {
      to[from + d] = block.getFloat(at + d * Float.BYTES);
    }
  }

  /** Gives all kept vectors but those of some keys, in the file's order. */
  void to(Sink sink, Set<Long> but) throws IOException {
    float[] vector = new float[dim];
    for (int i = 0; i < records.size(); i++) {
      long key = block.getLong(at(i));
      if (!but.contains(key)) {
        copy(key, vector, 0);
        sink.put(key, vector);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
