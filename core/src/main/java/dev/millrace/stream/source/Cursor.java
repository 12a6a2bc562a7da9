package dev.millrace.stream.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Little-endian numbers of a stretch of bytes, one after another; reads a little ahead. */
final class Cursor extends InputStream {
  private static final int AHEAD = 8192;

  private final BoundedBytes.Source source;
  private final long end;
  private final byte[] ahead = new byte[AHEAD];
  private long at;
  private long aheadAt;
  private int aheadLength;

  /** The bytes of a source from a place up to another. */
  Cursor(BoundedBytes.Source source, long at, long end) {
    this.source = source;
    this.at = at;
    this.end = end;
  }

  /** Bytes in memory, whose first one has this place. */
  static Cursor of(byte[] bytes, long at) {
    return new Cursor(
        (into, place) -> {
          int from = (int) (place - at);
          int many = Math.min(into.remaining(), bytes.length - from);
          into.put(bytes, from, many);
          return many == 0 ? -1 : many;
        },
        at,
        at + bytes.length);
  }

  /** The place of the next byte. */
  long at() {
    return at;
  }

  long left() {
    return end - at;
  }

  @Override
  public int read() throws IOException {
    if (at >= end) {
      return -1;
    }
    if (at < aheadAt || at >= aheadAt + aheadLength) {
      aheadLength = BoundedBytes.fill(source, at, ahead, 0, (int) Math.min(AHEAD, end - at));
      aheadAt = at;
      if (aheadLength == 0) {
        return -1;
      }
    }
    return ahead[(int) (at++ - aheadAt)] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int many = (int) Math.min(length, left());
    if (many <= 0) {
      return length == 0 ? 0 : -1;
    }
    int read = BoundedBytes.fill(source, at, into, from, many);
    at += read;
    return read == 0 ? -1 : read;
  }

  int u8() throws IOException {
    int next = read();
    if (next < 0) {
      throw new EOFException("it ends at byte " + at);
    }
    return next;
  }

  int i32() throws IOException {
    return u8() | u8() << 8 | u8() << 16 | u8() << 24;
  }

  long i64() throws IOException {
    return i32() & 0xFFFFFFFFL | (long) i32() << 32;
  }

  long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = u8();
      value |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IOException("a number at byte " + at + " has no end");
  }

  byte[] bytes(int many) throws IOException {
    byte[] bytes = new byte[requireLeft(many)];
    int read = BoundedBytes.fill(source, at, bytes, 0, many);
    if (read < many) {
      throw new EOFException("it ends at byte " + (at + read));
    }
    at += many;
    return bytes;
  }

  /** Goes past so many bytes, which are not read. */
  void pass(int many) throws IOException {
    at += requireLeft(many);
  }

  private int requireLeft(int many) throws IOException {
    if (many < 0 || many > left()) {
      throw new IOException("%d bytes at byte %d, where %d are left".formatted(many, at, left()));
    }
    return many;
  }

  /** The next so many bytes by themselves. */
  Cursor part(int many) throws IOException {
    Cursor part = new Cursor(source, at, at + requireLeft(many));
    pass(many);
    return part;
  }
}
