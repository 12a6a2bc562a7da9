package dev.millrace.vision.decode;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Numbers and words in an encoded file. Reading outside it is an IndexOutOfBoundsException. */
final class Bytes {
  private static final int ZEROS = 16;

  private Bytes() {}

  /** Whether the bytes at a place are these characters (Latin-1). */
  static boolean starts(byte[] b, int at, String with) {
    if (at < 0 || b.length - with.length() < at) {
      return false;
    }
    for (int i = 0; i < with.length(); i++) {
      if ((b[at + i] & 0xFF) != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether so many zeros lie before a place as no codec ends with: what a broken copy left. */
  static boolean endsInZeros(byte[] b, int end) {
    for (int at = end - ZEROS; at < end; at++) {
      if (at < 0 || b[at] != 0) {
        return false;
      }
    }
    return true;
  }

  /** A big-endian unsigned number. */
  static long big(byte[] b, int at, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (b[at + i] & 0xFF);
    }
    return value;
  }

  /** A little-endian unsigned number. */
  static long little(byte[] b, int at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (b[at + i] & 0xFF);
    }
    return value;
  }

  /** The first bytes for a message, as text where they are. */
  static String beginning(byte[] b) {
    int n = Math.min(12, b.length);
    for (int i = 0; i < n; i++) {
      if (b[i] < ' ' || b[i] == 127) {
        return "bytes " + HexFormat.ofDelimiter(" ").formatHex(b, 0, n);
      }
    }
    return "the text '" + new String(b, 0, n, StandardCharsets.US_ASCII) + "'";
  }
}
