package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.Type;

/**
 * A column of a row group as where its values lie: place and length of bytes, or a number. Not
 * thread-safe.
 */
final class ParquetValues {
  /** The length of a value that is missing. */
  static final int MISSING = -1;

  private static final Set<Encoding> READ =
      Set.of(Encoding.PLAIN, Encoding.DELTA_BINARY_PACKED, Encoding.DELTA_LENGTH_BYTE_ARRAY);

  private final ParquetColumns.Leaf leaf;
  private final boolean texts;

  /** Of bytes, their places; of numbers, the numbers. */
  long[] values = new long[1024];

  /** Of bytes, their lengths; {@link #MISSING} of what is not there. */
  int[] lengths = new int[1024];

  /** The texts, where they are wanted. */
  String[] words;

  private int count;
  private long[] dictionary = new long[0];
  private int[] dictionaryLengths = new int[0];
  private String[] dictionaryWords;

  /**
   * @param texts whether the texts are wanted, and not only where they lie
   */
  ParquetValues(ParquetColumns.Leaf leaf, boolean texts) {
    this.leaf = leaf;
    this.texts = texts && leaf.type() == Type.BYTE_ARRAY;
    words = this.texts ? new String[1024] : null;
    dictionaryWords = this.texts ? new String[0] : null;
  }

  int count() {
    return count;
  }

  /** The value at a row as a text; null if it is missing. */
  String text(int row) {
    return lengths[row] == MISSING ? null : texts ? words[row] : Long.toString(values[row]);
  }

  /** Adds a page's values. */
  void add(ParquetPages.Page page) throws IOException {
    if (page.dictionary()) {
      // A text says its length in four bytes, and a number has as many at least.
      if (page.values() < 0 || page.values() > page.body().left() / Integer.BYTES) {
        throw new IOException(
            "a dictionary of %d values in %d bytes".formatted(page.values(), page.body().left()));
      }
      dictionary = new long[page.values()];
      dictionaryLengths = new int[page.values()];
      dictionaryWords = texts ? new String[page.values()] : null;
      for (int i = 0; i < page.values(); i++) {
        plain(page.body(), i, dictionary, dictionaryLengths, dictionaryWords);
      }
      return;
    }
    int from = count;
    grow(count + page.values());
    int there = page.values();
    int[] levels = null;
    if (page.levels() != null) {
      levels = ParquetNumbers.hybrid(page.levels(), bits(leaf.definition()), page.values());
      there = (int) Arrays.stream(levels).filter(level -> level == leaf.definition()).count();
    }
    boolean numbered =
        page.encoding() == Encoding.PLAIN_DICTIONARY || page.encoding() == Encoding.RLE_DICTIONARY;
    if (!numbered && !READ.contains(page.encoding())) {
      throw UsageException.ofWord(
          "the column %s is encoded as %s, which is not read; write it with plain or dictionary encoding"
              .formatted(leaf.name(), page.encoding()));
    }
    long[] deltas = deltas(page, there);
    int[] numbers =
        numbered && there > 0 ? ParquetNumbers.hybrid(page.body(), page.body().u8(), there) : null;
    int next = 0;
    for (int i = 0; i < page.values(); i++) {
      int row = from + i;
      if (levels != null && levels[i] != leaf.definition()) {
        lengths[row] = MISSING;
      } else if (numbers != null) {
        int number = numbers[next++];
        if (number < 0 || number >= dictionary.length) {
          throw new IOException("a value of " + leaf.name() + " is not in its dictionary");
        }
        values[row] = dictionary[number];
        lengths[row] = dictionaryLengths[number];
        if (texts) {
          words[row] = dictionaryWords[number];
        }
      } else if (deltas == null) {
        plain(page.body(), row, values, lengths, words);
      } else if (leaf.type() == Type.BYTE_ARRAY) {
        bytes(page.body(), length(deltas[next++]), row, values, lengths, words);
      } else {
        values[row] = deltas[next++];
      }
    }
    count += page.values();
  }

  /** The numbers, or the lengths of bytes, of a page that has differences; null of any other. */
  private static long[] deltas(ParquetPages.Page page, int there) throws IOException {
    boolean differences =
        page.encoding() == Encoding.DELTA_BINARY_PACKED
            || page.encoding() == Encoding.DELTA_LENGTH_BYTE_ARRAY;
    return differences ? ParquetNumbers.deltas(page.body(), there) : null;
  }

  private static int length(long said) throws IOException {
    if (said < 0 || said > Integer.MAX_VALUE) {
      throw new IOException("a value of " + said + " bytes");
    }
    return (int) said;
  }

  private void bytes(Cursor body, int length, int row, long[] to, int[] toLengths, String[] toWords)
      throws IOException {
    to[row] = body.at();
    toLengths[row] = length;
    if (texts) {
      toWords[row] = new String(body.bytes(length), StandardCharsets.UTF_8);
    } else {
      body.pass(length);
    }
  }

  private void plain(Cursor body, int row, long[] to, int[] toLengths, String[] toWords)
      throws IOException {
    switch (leaf.type()) {
      case INT32 -> to[row] = body.i32();
      case INT64 -> to[row] = body.i64();
      default -> bytes(body, body.i32(), row, to, toLengths, toWords);
    }
  }

  private void grow(int rows) {
    if (rows > values.length) {
      int room = Math.max(rows, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * values.length));
      values = Arrays.copyOf(values, room);
      lengths = Arrays.copyOf(lengths, room);
      words = texts ? Arrays.copyOf(words, room) : null;
    }
  }

  private static int bits(int most) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(most);
  }
}
