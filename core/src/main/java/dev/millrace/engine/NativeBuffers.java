package dev.millrace.engine;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Parts of native memory as buffers. One buffer over all of it would end at 2³¹ − 1 bytes, without
 * a word where there are more. Stateless and thread-safe.
 */
public final class NativeBuffers {
  private NativeBuffers() {}

  /**
   * All of some memory, as buffers next to each other; none of no bytes.
   *
   * @param most bytes of each, at least 1 and less than 2 GiB
   */
  static List<ByteBuffer> parts(BytePointer memory, long bytes, long most) {
    List<ByteBuffer> parts = new ArrayList<>();
    for (long from = 0; from < bytes; from += most) {
      // Not by position: JavaCPP counts a buffer's bytes from the address on, and clips them there.
      BytePointer part = memory.getPointer(from);
      parts.add(part.capacity(Math.min(most, bytes - from)).asByteBuffer());
    }
    return parts;
  }

  /**
   * One of the rows that lie next to each other from the memory's first value on; writing to it
   * writes there. It does not keep the memory from being freed.
   *
   * @param row its number, from 0; may lie at any distance
   * @param length values of each row, at least 1
   * @return a buffer of {@code length} values, from 0 on
   * @throws IllegalArgumentException if one row takes 2 GiB or more, or the memory does not have it
   */
  public static FloatBuffer row(FloatPointer memory, long row, long length) {
    long end = Math.multiplyExact(row + 1, length);
    if (length < 1 || length > Integer.MAX_VALUE / Float.BYTES || row < 0) {
      throw new IllegalArgumentException(
          "row %d of %d values cannot be a buffer; expected 1 to %d values from row 0 on"
              .formatted(row, length, Integer.MAX_VALUE / Float.BYTES));
    }
    if (end > memory.capacity()) {
      throw new IllegalArgumentException(
          "row %d of %d values ends behind the memory, which has %d"
              .formatted(row, length, memory.capacity()));
    }
    return memory.getPointer(end - length).capacity(length).asBuffer();
  }
}
