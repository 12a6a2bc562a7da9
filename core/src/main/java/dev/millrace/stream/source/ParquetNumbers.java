package dev.millrace.stream.source;

import java.io.IOException;
import java.util.Arrays;

/** Numbers as Parquet packs them (format 2.x, "Encodings"). Stateless. */
final class ParquetNumbers {
  private static final int WIDEST = 32;
  private static final int LARGEST_BLOCK = 1 << 20;

  private ParquetNumbers() {}

  /**
   * Runs and bit-packed groups of eight.
   *
   * @param width bits of a number, 0 … 32
   */
  static int[] hybrid(Cursor in, int width, int count) throws IOException {
    if (width > WIDEST) {
      throw new IOException("numbers of " + width + " bits");
    }
    int[] numbers = new int[count];
    for (int at = 0; at < count; ) {
      long head = in.varint();
      long many = Math.min(count, head >>> 1);
      int until = (int) Math.min(count, at + ((head & 1) == 0 ? many : Byte.SIZE * many));
      if (until <= at) {
        throw new IOException("a run of no values");
      }
      if ((head & 1) == 0) {
        int value = 0;
        for (int shift = 0; shift < width; shift += Byte.SIZE) {
          value |= in.u8() << shift;
        }
        Arrays.fill(numbers, at, until, value);
        at = until;
      } else {
        Bits bits = new Bits(in, width);
        while (at < until) {
          numbers[at++] = (int) bits.next();
        }
      }
    }
    return numbers;
  }

  /** Differences, in blocks of miniblocks of a width each. */
  static long[] deltas(Cursor in, int count) throws IOException {
    long block = in.varint();
    long minis = in.varint();
    long total = in.varint();
    if (minis < 1 || block > LARGEST_BLOCK || block < minis || total != count) {
      throw new IOException(
          "%d numbers in blocks of %d and %d, expected %d".formatted(total, block, minis, count));
    }
    long[] numbers = new long[count];
    long last = zigzag(in.varint());
    int at = 0;
    if (count > 0) {
      numbers[at++] = last;
    }
    while (at < count) {
      long least = zigzag(in.varint());
      byte[] widths = in.bytes((int) minis);
      for (int m = 0; m < minis && at < count; m++) {
        Bits bits = new Bits(in, widths[m]);
        for (long i = block / minis; i > 0; i--) {
          long difference = bits.next(); // a block is filled up behind the last number
          if (at < count) {
            last += least + difference;
            numbers[at++] = last;
          }
        }
      }
    }
    return numbers;
  }

  private static long zigzag(long number) {
    return number >>> 1 ^ -(number & 1);
  }

  /** Numbers of one width, the lowest bits first. */
  private static final class Bits {
    private final Cursor in;
    private final int width;
    private int have;
    private int left;

    Bits(Cursor in, int width) throws IOException {
      if (width < 0 || width > Long.SIZE) {
        throw new IOException("numbers of " + width + " bits");
      }
      this.in = in;
      this.width = width;
    }

    long next() throws IOException {
      long number = 0;
      for (int done = 0; done < width; ) {
        if (left == 0) {
          have = in.u8();
          left = Byte.SIZE;
        }
        int many = Math.min(left, width - done);
        number |= (have & (1L << many) - 1) << done;
        have >>>= many;
        left -= many;
        done += many;
      }
      return number;
    }
  }
}
