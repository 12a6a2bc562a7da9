package dev.millrace.vision.decode;

/**
 * The entropy-coded bits of one interval of a JPEG's scan, up to the next marker. Not thread-safe.
 */
final class JpegBits {
  private static final int LOOK = 9;

  /** A Huffman table (T.81, annex C): symbols by the bits they begin with. */
  static final class Table {
    /** Length << 8 | symbol by the next bits; 0 where the code is longer. */
    private final int[] look = new int[1 << LOOK];

    private final int[] most = new int[18]; // largest code of each length, −1 for none
    private final int[] offset = new int[18];
    private final byte[] symbols;

    /**
     * A table.
     *
     * @param at where its sixteen counts are
     */
    Table(byte[] b, int at, int symbolCount) {
      symbols = java.util.Arrays.copyOfRange(b, at + 16, at + 16 + symbolCount);
      int code = 0;
      int symbol = 0;
      for (int length = 1; length <= 16; length++) {
        int count = b[at + length - 1] & 0xFF;
        offset[length] = symbol - code;
        for (int i = 0; i < count && symbol < symbolCount; i++, code++, symbol++) {
          if (length <= LOOK) {
            int from = code << LOOK - length;
            for (int k = 0; k < 1 << LOOK - length && from + k < look.length; k++) {
              look[from + k] = length << 8 | symbols[symbol] & 0xFF;
            }
          }
        }
        most[length] = count == 0 ? -1 : code - 1;
        code <<= 1;
      }
    }
  }

  private final byte[] b;
  private int at;
  private long held;
  private int count;

  /** Bits that were asked for behind the last one there is. */
  private int missing;

  JpegBits(byte[] b) {
    this.b = b;
  }

  /** Begins at a byte. */
  void start(int place) {
    at = place;
    held = 0;
    count = 0;
    missing = 0;
  }

  private void fill() {
    while (count <= 56) {
      int next = 0;
      if (at < b.length) {
        next = b[at] & 0xFF;
        if (next == 0xFF) {
          if (at + 1 < b.length && b[at + 1] == 0) {
            at += 2;
          } else {
            next = -1; // a marker, or the end
          }
        } else {
          at++;
        }
      } else {
        next = -1;
      }
      if (next < 0) {
        missing += 8;
        next = 0;
      }
      held |= (long) next << 56 - count;
      count += 8;
    }
  }

  /** Whether more bits were taken than there are. */
  boolean isOver() {
    return missing > count;
  }

  /** Bits left before the marker. */
  long left() {
    fill();
    return missing > 0 ? count - missing : Long.MAX_VALUE;
  }

  /** Passes over up to 16 bits. */
  void skip(int bits) {
    if (count < bits) {
      fill();
    }
    held <<= bits;
    count -= bits;
  }

  /** Up to 16 bits as a number. */
  int take(int bits) {
    if (bits == 0) {
      return 0;
    }
    if (count < bits) {
      fill();
    }
    int value = (int) (held >>> 64 - bits);
    held <<= bits;
    count -= bits;
    return value;
  }

  /** The next symbol; −1 where no code fits. */
  int symbol(Table table) {
    if (count < 16) {
      fill();
    }
    int found = table.look[(int) (held >>> 64 - LOOK)];
    if (found != 0) {
      int length = found >> 8;
      held <<= length;
      count -= length;
      return found & 0xFF;
    }
    for (int length = 1; length <= 16; length++) {
      int code = (int) (held >>> 64 - length);
      if (table.most[length] >= 0
          && code <= table.most[length]
          && code + table.offset[length] >= 0
          && code + table.offset[length] < table.symbols.length) {
        held <<= length;
        count -= length;
        return table.symbols[code + table.offset[length]] & 0xFF;
      }
    }
    return -1;
  }

  /** Where the marker is that ends the interval, fill bytes before it included. */
  int marker() {
    int place = at;
    while (place + 1 < b.length
        && !(b[place] == (byte) 0xFF && b[place + 1] != 0 && b[place + 1] != (byte) 0xFF)) {
      place++;
    }
    return place + 1 < b.length ? place : b.length;
  }
}
