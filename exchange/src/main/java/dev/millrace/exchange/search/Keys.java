package dev.millrace.exchange.search;

import dev.millrace.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** 64 bits of what makes a picture the same in two states of a set. */
final class Keys {
  private Keys() {}

  /**
   * A key.
   *
   * @param part of the set, with what tells several sets apart
   * @param name of the picture
   * @param label its class; null for none
   * @param bytes its encoded size, as far as it is known
   */
  static long of(String part, String name, String label, long bytes) {
    String all = String.join("\0", part, name, String.valueOf(label), Long.toString(bytes));
    return ByteBuffer.wrap(Sha256.digest().digest(all.getBytes(StandardCharsets.UTF_8))).getLong();
  }
}
