package dev.millrace.vision.decode;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The first directory of a TIFF structure (TIFF 6.0, section 2), which a TIFF file begins with and
 * EXIF is made of: numbers by their tags. Reading outside its bytes is an {@link
 * IndexOutOfBoundsException}.
 */
final class Directory {
  private static final int[] BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

  private final byte[] b;
  private final int start;
  private final int end;
  private final boolean big;

  /** Where the first usable entry of each tag lies: looked up once, as strips may be a million. */
  private final Map<Integer, Integer> entries = new HashMap<>();

  private final boolean cut;

  /**
   * A directory.
   *
   * @param start where the structure begins, with {@code II} or {@code MM}
   * @param end the first byte behind it
   */
  Directory(byte[] b, int start, int end) {
    this.b = b;
    this.start = start;
    this.end = end;
    big = b[start] == 'M';
    long at = number(start + 4L, 4);
    long count = number(start + at, 2);
    long entry = start + at + 2;
    for (int i = 0; i < count && entry + 4 <= end; i++, entry += 12) {
      if (size((int) entry) > 0) {
        entries.putIfAbsent((int) number(entry, 2), (int) entry);
      }
    }
    cut = at + 2 + 12 * count > (long) end - start;
  }

  /** Whether it has a number of that tag. */
  boolean has(int tag) {
    return count(tag) > 0;
  }

  /** How many numbers a tag has; 0 without it. */
  long count(int tag) {
    int entry = entry(tag);
    return entry < 0 ? 0 : number(entry + 4L, 4);
  }

  /** A tag's first number; the other where the directory has none. */
  long value(int tag, long without) {
    return has(tag) ? at(tag, 0) : without;
  }

  /** A tag's number at an index below its {@link #count}. */
  long at(int tag, int index) {
    return number(place(tag, index), size(entry(tag)));
  }

  /** Where a tag's number lies in the bytes, and its last byte; for {@link #overwrite}. */
  private long place(int tag, int index) {
    int entry = entry(tag);
    int size = size(entry);
    boolean inside = count(tag) * size <= 4;
    return (inside ? entry + 8L : start + number(entry + 8L, 4)) + (long) index * size;
  }

  /** Whether all numbers of a tag lie within the structure; so it is without the tag. */
  boolean isWithin(int tag) {
    long count = count(tag);
    if (count == 0) {
      return true;
    }
    long first = place(tag, 0);
    return first >= start && first + count * size(entry(tag)) <= end;
  }

  /**
   * Puts a small number in place of each of a tag's, in a copy of the bytes.
   *
   * @param most how many at most: what a damaged count says more are other things
   * @throws IndexOutOfBoundsException if the tag's numbers are not {@link #isWithin}; nothing is
   *     put then, as a copy in native memory knows no bounds
   */
  void overwrite(int tag, byte number, long most, BiConsumer<Long, Byte> copy) {
    if (!isWithin(tag)) {
      throw new IndexOutOfBoundsException(
          "the numbers of tag " + tag + " reach out of the TIFF structure");
    }
    for (int i = 0; i < Math.min(most, count(tag)); i++) {
      long at = place(tag, i);
      int size = size(entry(tag));
      for (int k = 0; k < size; k++) {
        boolean lowest = big ? k == size - 1 : k == 0;
        copy.accept(at + k, lowest ? number : 0);
      }
    }
  }

  private int size(int entry) {
    int type = (int) number(entry + 2L, 2);
    return type < BYTES.length ? BYTES[type] : 0;
  }

  private int entry(int tag) {
    Integer entry = entries.get(tag);
    if (entry == null && cut) {
      throw new IndexOutOfBoundsException("the TIFF structure ends within its directory");
    }
    return entry == null ? -1 : entry;
  }

  private long number(long at, int bytes) {
    if (at < start || at + bytes > end) {
      throw new IndexOutOfBoundsException("byte " + at + " is outside of the TIFF structure");
    }
    return big ? Bytes.big(b, (int) at, bytes) : Bytes.little(b, (int) at, bytes);
  }
}
