package dev.millrace.live.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a tar has around the bytes of its files (POSIX.1-2017, pax, "ustar Interchange Format"). */
final class TarBlocks {
  static final int BLOCK = 512;

  /** The longest name of a file, in bytes of UTF-8. */
  static final int LONGEST_NAME = 100;

  private TarBlocks() {}

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
    text(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    return header;
  }

  private static void octal(ByteBuffer header, int at, int length, long number) {
    text(header, at, String.format(Locale.ROOT, "%0" + (length - 1) + "o", number));
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
