package dev.millrace.exchange.embed;

import dev.millrace.probe.BadPicture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * What a journal keeps of one batch of pictures, with a checksum, little-endian.
 *
 * @param from place of the first picture
 * @param count how many there are, bad ones included
 * @param bad those without a vector, ascending
 * @param vectors {@code [count − bad, D] float32} of the others
 * @param keys of the others, {@link dev.millrace.exchange.Pictures#key}; empty in journals of older
 *     versions
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Frame(int from, int count, List<BadPicture> bad, float[] vectors, long[] keys) {
  /** Length of the rest, from, count, number of bad ones. */
  private static final int HEAD = 4 * Integer.BYTES;

  private static final int MOST = 1 << 30;

  /** Beside the number of bad pictures: keys are there. */
  private static final int KEYED = 1 << 30;

  /** A frame without keys. */
  Frame(int from, int count, List<BadPicture> bad, float[] vectors) {
    this(from, count, bad, vectors, new long[0]);
  }

  /** The same with the keys of its pictures. */
  Frame keyed(IntToLongFunction key) {
    Set<Integer> without = bad.stream().map(BadPicture::place).collect(Collectors.toSet());
    long[] each =
        IntStream.range(from, end())
            .filter(place -> !without.contains(place))
            .mapToLong(key::applyAsLong)
            .toArray();
    return new Frame(from, count, bad, vectors, each);
  }

  /** The place after the last picture. */
  int end() {
    return from + count;
  }

  void write(FileChannel channel) throws IOException {
    List<byte[]> words = new ArrayList<>();
    int length = Integer.BYTES; // the checksum's
    for (BadPicture one : bad) {
      for (String text : new String[] {one.id(), one.reason()}) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        words.add(bytes);
        length += Integer.BYTES + bytes.length;
      }
      length += Integer.BYTES;
    }
    length = Math.addExact(length, Math.multiplyExact(vectors.length, Float.BYTES));
    length = Math.addExact(length, Math.multiplyExact(keys.length, Long.BYTES));
    ByteBuffer buffer = ByteBuffer.allocate(HEAD + length).order(ByteOrder.LITTLE_ENDIAN);
    buffer
        .putInt(length)
        .putInt(from)
        .putInt(count)
        .putInt(bad.size() | (keys.length > 0 ? KEYED : 0));
    for (int i = 0; i < bad.size(); i++) {
      buffer.putInt(bad.get(i).place());
      for (byte[] bytes : words.subList(2 * i, 2 * i + 2)) {
        buffer.putInt(bytes.length).put(bytes);
      }
    }
    for (long key : keys) {
      buffer.putLong(key);
    }
    buffer.asFloatBuffer().put(vectors);
    buffer.position(buffer.capacity() - Integer.BYTES);
    buffer.putInt(crc(buffer)).flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The frame at the channel's position; null where there is no whole one. */
  static Frame read(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
    long left = channel.size() - channel.position() - HEAD;
    if (left < 0) {
      return null;
    }
    full(channel, head);
    int length = head.getInt(0);
    if (length < Integer.BYTES || length > left || length > MOST) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.allocate(HEAD + length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(head.flip());
    full(channel, buffer);
    buffer.position(buffer.capacity() - Integer.BYTES);
    if (buffer.getInt(buffer.position()) != crc(buffer)) {
      return null;
    }
    buffer.flip().position(Integer.BYTES);
    int from = buffer.getInt();
    int count = buffer.getInt();
    int words = buffer.getInt();
    int n = words & ~KEYED;
    List<BadPicture> bad = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      bad.add(new BadPicture(buffer.getInt(), text(buffer), text(buffer)));
    }
    long[] keys = new long[n == words ? 0 : count - n];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = buffer.getLong();
    }
    float[] vectors = new float[buffer.remaining() / Float.BYTES];
    buffer.asFloatBuffer().get(vectors);
    return new Frame(from, count, bad, vectors, keys);
  }

  /** Of everything before the buffer's position. */
  private static int crc(ByteBuffer buffer) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, buffer.position());
    return (int) crc.getValue();
  }

  private static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.getInt()];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void full(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
  }
}
