package dev.millrace.live;

import dev.millrace.live.spool.ChunkNames;
import dev.millrace.live.spool.Spool;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A disk that forgets what was not synced, and fails at a chosen call. */
final class MemorySpool implements Spool {
  /** The process is gone. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  final Map<Integer, Map<String, byte[]>> chunks = new TreeMap<>();
  private byte[] bytes = new byte[1 << 12];
  private long length;
  private long synced;

  /** Calls until the crash; negative for never. */
  int crashIn = -1;

  /** Writes until the disk is full; negative for never. */
  int fullIn = -1;

  private void write() throws IOException {
    if (fullIn == 0) {
      throw new IOException("No space left on device");
    }
    fullIn = Math.max(-1, fullIn - 1);
  }

  /** Something happens, after which the process may be gone. */
  void call() {
    if (crashIn >= 0 && crashIn-- == 0) {
      throw new Crash();
    }
  }

  /** What a power failure leaves: of what was not synced, some bytes or none. */
  void lose(int some) {
    length = synced + Math.min(some, length - synced);
    Arrays.fill(bytes, (int) synced, (int) length, (byte) 0xEE);
    synced = length;
  }

  @Override
  public void cut(long accepted) throws IOException {
    if (length < accepted) {
      throw new IOException("accepted bytes are lost");
    }
    length = accepted;
    synced = accepted;
    call();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long size(int picture) {
    return picture;
  }

  @Override
  public long append(byte[] picture) throws IOException {
    call();
    write();
    while (bytes.length < length + picture.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    System.arraycopy(picture, 0, bytes, (int) length, picture.length);
    length += picture.length;
    return length - picture.length;
  }

  @Override
  public void sync() throws IOException {
    call();
    write();
    synced = length;
    call();
  }

  @Override
  public byte[] read(long at, int count) {
    return Arrays.copyOfRange(bytes, (int) at, (int) at + count);
  }

  /** Whether a picture's bytes would be there after a power failure. */
  boolean durable(long at, int count) {
    return at + count <= synced;
  }

  @Override
  public void close(int chunk, List<Part> parts) throws IOException {
    call();
    write();
    Map<String, byte[]> file = new LinkedHashMap<>();
    parts.forEach(part -> file.put(part.name(), read(part.at(), part.length())));
    chunks.put(chunk, file);
    call();
  }

  @Override
  public void erase(long at, int count) {
    call();
    Arrays.fill(bytes, (int) at, (int) at + count, (byte) 0);
    call();
  }

  @Override
  public void drop(int chunk, Set<Long> numbers) {
    call();
    Map<String, byte[]> file = chunks.get(chunk);
    if (file != null) {
      Map<String, byte[]> left = new LinkedHashMap<>(file);
      left.keySet().removeIf(name -> numbers.contains(ChunkNames.number(name)));
      chunks.put(chunk, left);
      if (left.isEmpty()) {
        chunks.remove(chunk);
      }
    }
    call();
  }

  @Override
  public void letGo(int chunk) {
    call();
    chunks.remove(chunk);
    call();
  }

  @Override
  public void close() {
    // Memory only.
  }
}
