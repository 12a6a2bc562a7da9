package dev.millrace.live.spool;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a tar has around the bytes of its files (POSIX.1-2017, pax, "ustar Interchange Format"). */
final class TarBlocks {
  static final int BLOCK = 512;

  /** The longest name of a file, in bytes of UTF-8. */
  static final int LONGEST_NAME = 100;

  private static final int SIZE = 124;
  private static final int SIZE_DIGITS = 11;

  private TarBlocks() {}

  /**
   * A file in a tar.
   *
   * @param from first byte of its header
   * @param length of header, bytes and padding
   */
  record Entry(String name, long from, long length) {}

  /**
   * The files of a tar that was written here.
   *
   * @throws IOException if it is not one
   */
  static List<Entry> entries(FileChannel tar) throws IOException {
    List<Entry> entries = new ArrayList<>();
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    long at = 0;
    while (true) {
      header.clear();
      while (header.hasRemaining()) {
        if (tar.read(header, at + header.position()) < 0) {
          throw new EOFException("the tar has no end at byte " + at);
        }
      }
      if (header.get(0) == 0) {
        return entries;
      }
      int length;
      try {
        length = Integer.parseInt(text(header, SIZE, SIZE_DIGITS), 8);
      } catch (NumberFormatException e) {
        throw new IOException("at byte %d there is no entry of a tar".formatted(at), e);
      }
      long whole = (long) BLOCK + length + padding(length);
      entries.add(new Entry(text(header, 0, LONGEST_NAME), at, whole));
      at += whole;
    }
  }

  private static String text(ByteBuffer header, int at, int most) {
    int end = at;
    while (end < at + most && header.get(end) != 0) {
      end++;
    }
    return new String(header.array(), at, end - at, StandardCharsets.UTF_8);
  }

  /**
   * The header of a file: readable by all, of no time and nobody, so that a chunk is a function of
   * its pictures.
   */
  static ByteBuffer header(String name, int length) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "%s has %d bytes; a name has %d at most".formatted(name, bytes.length, LONGEST_NAME));
    }
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    header.put(0, bytes);
    octal(header, 100, 8, 0644);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, length);
    octal(header, 136, 12, 0);
    text(header, 148, "        ");
    text(header, 156, "0");
    text(header, 257, "ustar\00000");
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += header.get(i) & 0xFF;
    }
    octal(header, 148, 7, sum);
    text(header, 154, "\0 ");
    return header;
  }

  private static void octal(ByteBuffer header, int at, int length, long number) {
    long left = number; // by hand, since a picture has six of them
    for (int i = at + length - 2; i >= at; i--) {
      header.put(i, (byte) ('0' + (left & 7)));
      left >>>= 3;
    }
  }

  private static void text(ByteBuffer header, int at, String text) {
    header.put(at, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** How many zeros follow a file's bytes. */
  static int padding(int length) {
    return (BLOCK - length % BLOCK) % BLOCK;
  }

  /** The mark of a tar's end. */
  static ByteBuffer end() {
    return ByteBuffer.allocate(2 * BLOCK);
  }
}
