package dev.millrace.metric;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * The few messages of TensorFlow's {@code event.proto} and {@code summary.proto} that scalars need,
 * in protocol buffers' wire format. Numbers of fields are theirs.
 */
final class Event {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  /** {@code SessionLog.START}: what was read of this step and later ones is not to be shown. */
  private static final int START = 1;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Event() {}

  /** The first event of every file. */
  static byte[] version(Instant time) {
    return at(time).text(FILE_VERSION, "brain.Event:2").bytes();
  }

  /** Everything begins anew. */
  static byte[] start(Instant time) {
    return at(time).message(SESSION_LOG, new Event().number(1, START)).bytes();
  }

  /** A step's measures, by the part of a run that they are of. */
  static byte[] scalars(Measured measured) {
    Event summary = new Event();
    for (Map.Entry<String, Double> one : measured.values().entrySet()) {
      Event value = new Event().text(1, tag(one.getKey(), measured.set()));
      summary.message(1, value.single(2, one.getValue().floatValue()));
    }
    return at(measured.time()).number(STEP, measured.step()).message(SUMMARY, summary).bytes();
  }

  /** TensorBoard shows what stands before the stroke as a group. */
  private static String tag(String name, String set) {
    return switch (name) {
      case "knn" -> "knn/" + set;
      case "effective_rank", "variance" -> "features/" + name;
      default -> "train/" + name;
    };
  }

  private static Event at(Instant time) {
    Event event = new Event();
    event.key(WALL_TIME, FIXED64);
    return event.fixed(8, Double.doubleToLongBits(time.toEpochMilli() / 1e3));
  }

  private Event number(int field, long value) {
    key(field, VARINT);
    return varint(value);
  }

  private Event single(int field, float value) {
    key(field, FIXED32);
    return fixed(4, Float.floatToIntBits(value));
  }

  private Event text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private Event message(int field, Event inner) {
    return bytes(field, inner.bytes());
  }

  private Event bytes(int field, byte[] bytes) {
    key(field, BYTES);
    varint(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  private void key(int field, int type) {
    varint((long) field << 3 | type);
  }

  private Event varint(long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return this;
  }

  private Event fixed(int bytes, long bits) {
    byte[] eight = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
    out.write(eight, 0, bytes);
    return this;
  }

  private byte[] bytes() {
    return out.toByteArray();
  }
}
