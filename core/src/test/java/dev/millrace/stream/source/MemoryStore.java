package dev.millrace.stream.source;

import dev.millrace.stream.SourceException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Another machine for tests: {@code memory://NAME}. */
public final class MemoryStore implements RemoteStore {
  private record File(byte[] bytes, String version) {}

  private static final ConcurrentSkipListMap<String, File> FILES = new ConcurrentSkipListMap<>();

  /** Ranges that were asked for. */
  static final AtomicInteger READS = new AtomicInteger();

  /** While it is true the machine does not answer. */
  static volatile boolean away;

  /** A file that does not answer when it is read; null for none. */
  static volatile String unread;

  static void put(String place, byte[] bytes, String version) {
    FILES.put(place, new File(bytes, version));
  }

  static void clear() {
    FILES.clear();
    away = false;
    unread = null;
    READS.set(0);
  }

  @Override
  public String scheme() {
    return "memory";
  }

  private static void answer() throws SourceException {
    if (away) {
      throw new SourceException("memory:// does not answer; try again later");
    }
  }

  @Override
  public List<Found> list(String place) throws IOException {
    answer();
    File one = FILES.get(place);
    TreeMap<String, File> found = new TreeMap<>();
    if (one != null) {
      found.put(place, one);
    } else {
      found.putAll(FILES.subMap(place + "/", place + "0"));
    }
    return found.entrySet().stream()
        .map(f -> new Found(f.getKey(), f.getValue().bytes.length, 0, f.getValue().version))
        .toList();
  }

  @Override
  public void read(Found found, long at, ByteBuffer into) throws IOException {
    answer();
    if (found.place().equals(unread)) {
      throw new SourceException(unread + " does not answer");
    }
    READS.incrementAndGet();
    File file = FILES.get(found.place());
    if (file == null || !file.version.equals(found.version())) {
      throw new SourceException(found.place() + " changed since it was listed");
    }
    into.put(file.bytes, (int) at, into.remaining());
  }

  @Override
  public byte[] read(String place, long most) throws IOException {
    answer();
    File file = FILES.get(place);
    if (file == null) {
      throw new FileNotFoundException(place + " is not there");
    }
    return Arrays.copyOf(file.bytes, (int) Math.min(file.bytes.length, most + 1));
  }
}
