package dev.millrace.engine;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Kinds of numbers that weight files hold, by safetensors' names. */
public enum ElementType {
  /** IEEE double. */
  F64(8, "Double"),
  /** IEEE single. */
  F32(4, "Float"),
  /** IEEE half. */
  F16(2, "Half"),
  /** The upper half of an IEEE single. */
  BF16(2, "BFloat16"),
  /** Signed, 8 bytes. */
  I64(8, "Long"),
  /** Signed, 4 bytes. */
  I32(4, "Int"),
  /** Signed, 2 bytes. */
  I16(2, "Short"),
  /** Signed, 1 byte. */
  I8(1, "Char"),
  /** Unsigned, 1 byte. */
  U8(1, "Byte"),
  /** 0 or 1 in a byte. */
  BOOL(1, "Bool"),
  /** Two singles. */
  C64(8, "ComplexFloat"),
  /** Two doubles. */
  C128(16, "ComplexDouble");

  private final int bytes;
  private final String torch;

  ElementType(int bytes, String torch) {
    this.bytes = bytes;
    this.torch = torch;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /** Whether its values can become float32 weights. */
  public boolean floating() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** By safetensors' name; null if there is none of that name. */
  static ElementType named(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** By torch's class of storage, such as {@code FloatStorage}; null if there is none. */
  static ElementType ofStorage(String name) {
    for (ElementType type : values()) {
      if (name.equals(type.torch + "Storage")) {
        return type;
      }
    }
    return null;
  }

  /**
   * A number as float32, rounded to the nearest.
   *
   * @param bytes in the byte order of the file
   * @param at which number, counted from 0
   * @throws IllegalStateException if the type is not {@link #floating}
   */
  float floatAt(ByteBuffer bytes, int at) {
    int place = at * this.bytes;
    return switch (this) {
      case F64 -> (float) bytes.getDouble(place);
      case F32 -> bytes.getFloat(place);
      case F16 -> half(bytes.getShort(place));
      case BF16 -> Float.intBitsToFloat(bytes.getShort(place) << 16);
      default ->
          throw new IllegalStateException(
              name().toLowerCase(Locale.ROOT) + " holds no weights; ask floating() first");
    };
  }

  /** IEEE 754's binary16; JDK 17 has no conversion of it. */
  private static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero and the numbers below 2^-14, in steps of 2^-24
      return (sign == 0 ? 1f : -1f) * fraction * 0x1p-24f;
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }
}
