package dev.millrace.exchange.search;

import dev.millrace.file.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which picture was the first to have a vector, by 128 bits of its numbers' SHA-256: an open table,
 * 40 bytes per vector at most, since objects would take several times as much. Not thread-safe.
 */
final class FirstPlaces {
  /** A place that is none. */
  static final int NONE = -1;

  private long[] high = new long[1 << 10];
  private long[] low = new long[1 << 10];
  private int[] place = filled(1 << 10);
  private int size;

  /**
   * The place of the first picture whose vector has these bits; {@link #NONE} if this one is the
   * first, which is then remembered.
   */
  int of(float[] vector, int at) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length);
    bytes.asFloatBuffer().put(vector);
    ByteBuffer hash = ByteBuffer.wrap(Sha256.digest().digest(bytes.array()));
    long first = hash.getLong();
    long second = hash.getLong();
    int slot = slot(first, second);
    if (place[slot] != NONE) {
      return place[slot];
    }
    put(slot, first, second, at);
    if (2 * ++size > place.length) {
      grow();
    }
    return NONE;
  }

  private int slot(long first, long second) {
    int slot = (int) first & place.length - 1;
    while (place[slot] != NONE && (high[slot] != first || low[slot] != second)) {
      slot = slot + 1 & place.length - 1;
    }
    return slot;
  }

  private void put(int slot, long first, long second, int at) {
    high[slot] = first;
    low[slot] = second;
    place[slot] = at;
  }

  private void grow() {
    long[] first = high;
    long[] second = low;
    int[] at = place;
    high = new long[2 * first.length];
    low = new long[2 * first.length];
    place = filled(2 * first.length);
    for (int i = 0; i < at.length; i++) {
      if (at[i] != NONE) {
        put(slot(first[i], second[i]), first[i], second[i], at[i]);
      }
    }
  }

  private static int[] filled(int length) {
    int[] none = new int[length];
    Arrays.fill(none, NONE);
    return none;
  }
}
