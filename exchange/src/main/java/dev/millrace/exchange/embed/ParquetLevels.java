package dev.millrace.exchange.embed;

import java.io.ByteArrayOutputStream;

/**
 * Repetition or definition levels of 0 and 1 in Parquet's run-length encoding, of bit width 1:
 * every run is twice its length as a varint, and the level as a byte. Not thread-safe.
 */
final class ParquetLevels {
  private final ByteArrayOutputStream runs = new ByteArrayOutputStream();
  private int level;
  private long length;

  /** A level, so many times. */
  void add(int value, long times) {
    if (value != level) {
      end();
      level = value;
    }
    length += times;
  }

  private void end() {
    if (length == 0) {
      return;
    }
    long head = length << 1;
    for (; head > 0x7f; head >>>= 7) {
      runs.write((int) (head & 0x7f) | 0x80);
    }
    runs.write((int) head);
    runs.write(level);
    length = 0;
  }

  /** What was added since the last call, encoded. */
  byte[] take() {
    end();
    byte[] bytes = runs.toByteArray();
    runs.reset();
    return bytes;
  }
}
