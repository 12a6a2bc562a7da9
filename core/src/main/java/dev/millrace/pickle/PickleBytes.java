package dev.millrace.pickle;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a pickle, taken one field after another; a missing byte is an error that says what
 * was expected.
 */
final class PickleBytes {
  private final String file;
  private final ByteBuffer bytes;

  PickleBytes(String file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  String file() {
    return file;
  }

  int unsignedByte() throws IOException {
    return need(1).get() & 0xff;
  }

  int unsignedShort() throws IOException {
    return need(2).getShort() & 0xffff;
  }

  int signedInt() throws IOException {
    return need(4).getInt();
  }

  double bigEndianDouble() throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(need(8).getLong()));
  }

  /** A count of bytes to come, of 4 or 8 bytes itself. */
  long length(int width) throws IOException {
    long length = width == 4 ? need(4).getInt() & 0xffffffffL : need(8).getLong();
    if (length < 0 || length > bytes.remaining()) {
      throw new IOException(
          "%s is damaged: its pickle has %d bytes left where %d are said to follow"
              .formatted(file, bytes.remaining(), length));
    }
    return length;
  }

  byte[] raw(long count) throws IOException {
    ByteBuffer from = need(count);
    byte[] raw = new byte[(int) count];
    from.get(raw);
    return raw;
  }

  /** The next bytes, not copied. */
  ByteBuffer view(long count) throws IOException {
    ByteBuffer view = need(count).slice(bytes.position(), (int) count);
    bytes.position(bytes.position() + (int) count);
    return view;
  }

  String text(long count) throws IOException {
    return new String(raw(count), StandardCharsets.UTF_8);
  }

  /** A signed little-endian number of any length, as a {@link Long} where it is one. */
  Number number(long count) throws IOException {
    byte[] raw = raw(count);
    byte[] turned =
        new byte[raw.length + 1]; // the first, zero or sign, keeps none from being empty
    for (int i = 0; i < raw.length; i++) {
      turned[raw.length - i] = raw[i];
    }
    turned[0] = (byte) (raw.length > 0 && raw[raw.length - 1] < 0 ? -1 : 0);
    BigInteger value = new BigInteger(turned);
    return value.bitLength() < Long.SIZE ? (Number) value.longValueExact() : value;
  }

  /** Up to the next line feed, without it. */
  String line() throws IOException {
    int from = bytes.position();
    while (unsignedByte() != '\n') {
      // on to the line's end
    }
    byte[] line = new byte[bytes.position() - from - 1];
    bytes.get(from, line);
    return new String(line, StandardCharsets.UTF_8);
  }

  void skip(int count) throws IOException {
    need(count).position(bytes.position() + count);
  }

  private ByteBuffer need(long count) throws IOException {
    if (count < 0 || bytes.remaining() < count) {
      throw new IOException(file + " is damaged: its pickle ends early");
    }
    return bytes;
  }
}
