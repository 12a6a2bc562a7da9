package dev.millrace.vision.decode;

import static dev.millrace.vision.decode.TiffFile.BITS;
import static dev.millrace.vision.decode.TiffFile.COMPRESSION;
import static dev.millrace.vision.decode.TiffFile.HEIGHT;
import static dev.millrace.vision.decode.TiffFile.PHOTOMETRIC;
import static dev.millrace.vision.decode.TiffFile.PLANES;
import static dev.millrace.vision.decode.TiffFile.SAMPLES;
import static dev.millrace.vision.decode.TiffFile.STRIP_OFFSETS;
import static dev.millrace.vision.decode.TiffFile.TILE_HEIGHT;
import static dev.millrace.vision.decode.TiffFile.TILE_OFFSETS;
import static dev.millrace.vision.decode.TiffFile.TILE_WIDTH;
import static dev.millrace.vision.decode.TiffFile.WIDTH;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Whether each strip or tile of a TIFF unpacks to as many bytes as its pixels take (TIFF 6.0,
 * sections 3, 9 and 13; Deflate as of Adobe's technical note 2). Codecs fill what does not unpack
 * with black and say nothing. Only lengths are looked at; strips by JPEG or a facsimile's codes,
 * bits in another order, and subsampled colours are taken as they are. Parts may share bytes and
 * each of them unpack to a thousand times as many, so what is unpacked is bounded by the picture's
 * pixels, not by the file.
 */
final class TiffStrips {
  private static final int BIT_ORDER = 266;
  private static final int STRIP_ROWS = 278;

  private static final int PLAIN = 1;
  private static final int LZW = 5;
  private static final int DEFLATE = 8;
  private static final int OLDER_DEFLATE = 32946;
  private static final int PACK_BITS = 32773;
  private static final int SUBSAMPLED = 6;
  private static final int PALETTE = 3;
  private static final int COLOUR_MAP = 320;

  /** Numbers of a palette of 8 bits, the only one that is read. */
  private static final int COLOURS = 3 * 256;

  /**
   * Of bytes that all parts together take, packed and not, some seconds. A file has no more than
   * 512 MiB, a picture of 100 million pixels with three of 16 bits each 600 MB.
   */
  private static final long MOST_WORK = 4_000_000_000L;

  /** Bytes behind the pixels that all parts together may have and still be read to their ends. */
  private static final long MOST_SPARE = 64 << 20;

  private final byte[] b;
  private final Directory tags;
  private final boolean tiled;
  private final int places;
  private final int lengths;
  private final int packing;
  private final long needed;
  private long spare = MOST_SPARE;
  private byte[] out;
  private int[] strings;

  private TiffStrips(byte[] b) {
    this.b = b;
    tags = new Directory(b, 0, b.length);
    tiled = tags.has(TILE_OFFSETS);
    places = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    lengths = TiffFile.lengths(tags);
    packing = (int) tags.value(COMPRESSION, PLAIN);
    needed = (tags.value(PLANES, 1) == 2 ? tags.value(SAMPLES, 1) : 1) * partsOfAPlane();
  }

  /**
   * Refuses a file of which a part does not unpack.
   *
   * @param b of which {@link TiffFile#header} was read
   * @throws BadPictureException naming the part, or if all parts together take too long
   */
  static void check(byte[] b) throws BadPictureException {
    new TiffStrips(b).check();
  }

  private void check() throws BadPictureException {
    requirePalette();
    long all = Math.min(tags.count(places), tags.count(lengths));
    int parts = (int) Math.min(all, needed); // nobody reads others
    requireWork(parts);
    if (parts == 0
        || tags.value(BIT_ORDER, 1) != 1
        || tags.value(PHOTOMETRIC, 1) == SUBSAMPLED
        || packing == PLAIN && guessed(tags, lengths, (int) all)) {
      return;
    }
    Inflater inflater = packing == DEFLATE || packing == OLDER_DEFLATE ? new Inflater() : null;
    try {
      for (int i = 0; i < parts; i++) {
        int from = (int) tags.at(places, i);
        int length = (int) tags.at(lengths, i);
        long wanted = wanted(i);
        long found = unpacked(inflater, from, length, wanted);
        if (found < wanted) {
          throw new BadPictureException(
              "broken: the TIFF's part %d of %d unpacks to %d good bytes, expected %d"
                  .formatted(i + 1, all, found, wanted));
        }
      }
    } finally {
      if (inflater != null) {
        inflater.end();
      }
    }
  }

  /** Refuses a palette that is not whole: its indices would be taken for grey. */
  private void requirePalette() throws BadPictureException {
    if (tags.value(PHOTOMETRIC, 1) == PALETTE
        && (tags.count(COLOUR_MAP) < COLOURS || !tags.isWithin(COLOUR_MAP))) {
      throw new BadPictureException(
          "broken: the TIFF's palette has %d numbers, expected %d"
              .formatted(tags.count(COLOUR_MAP), COLOURS));
    }
  }

  /**
   * Refuses parts that overlap, or tiles that reach beyond the picture, until they take minutes.
   */
  private void requireWork(int parts) throws BadPictureException {
    long work = 0;
    for (int i = 0; i < parts; i++) {
      work += tags.at(lengths, i) + wanted(i);
      if (work > MOST_WORK) {
        throw new BadPictureException(
            "too costly: the TIFF's %d parts have more than %d GB; save it anew"
                .formatted(parts, MOST_WORK / 1_000_000_000));
      }
    }
  }

  /** Whether readers put their own lengths in the place of those that such a file has. */
  private static boolean guessed(Directory tags, int lengths, int parts) {
    return parts == 1
        || tags.at(lengths, 0) == 0
        || parts > 2 && tags.at(lengths, 0) != tags.at(lengths, 1);
  }

  private long partsOfAPlane() {
    long width = tags.value(WIDTH, 0);
    long height = tags.value(HEIGHT, 0);
    if (!tiled) {
      return ceil(height, rows());
    }
    // Sides are positive, or the header would have been refused.
    return ceil(width, tags.value(TILE_WIDTH, 1)) * ceil(height, tags.value(TILE_HEIGHT, 1));
  }

  private static long ceil(long a, long by) {
    return (a + by - 1) / by;
  }

  /** Rows of a strip. */
  private long rows() {
    long height = tags.value(HEIGHT, 0);
    return Math.max(1, Math.min(height, tags.value(STRIP_ROWS, height)));
  }

  /** Bytes that the pixels of a part take. */
  private long wanted(int part) {
    long height = tags.value(HEIGHT, 0);
    long samples = tags.value(PLANES, 1) == 2 ? 1 : tags.value(SAMPLES, 1);
    long width = tiled ? tags.value(TILE_WIDTH, 0) : tags.value(WIDTH, 0);
    long row = (width * samples * tags.value(BITS, 1) + 7) / 8;
    if (tiled) {
      return row * tags.value(TILE_HEIGHT, 0);
    }
    long rows = rows();
    return row * Math.max(0, Math.min(rows, height - part % ceil(height, rows) * rows));
  }

  /** Bytes that a part unpacks to, as far as it does; those wanted where it is not looked at. */
  private long unpacked(Inflater inflater, int from, int length, long wanted) {
    return switch (packing) {
      case PLAIN -> length;
      case DEFLATE, OLDER_DEFLATE -> inflated(inflater, from, length, wanted);
      case PACK_BITS -> runs(b, from, length, wanted);
      case LZW -> isOlderLzw(b, from, length) ? wanted : strings(from, length, wanted);
      default -> wanted;
    };
  }

  private long inflated(Inflater inflater, int from, int length, long wanted) {
    inflater.reset();
    out = out == null ? new byte[1 << 14] : out;
    try {
      inflater.setInput(b, from, length);
      long found = 0;
      int more = 1;
      // To the end, where its checksum lies, unless that is far behind the pixels.
      for (long left = wanted + spare; more > 0 && found < left; found += more) {
        more = inflater.inflate(out, 0, (int) Math.min(out.length, left - found));
      }
      spare -= Math.max(0, found - wanted);
      return found;
    } catch (DataFormatException e) {
      return Math.min(inflater.getBytesWritten(), wanted - 1);
    }
  }

  /** A byte n below 128 and n + 1 bytes, or one above and a byte to be repeated 257 − n times. */
  private static long runs(byte[] b, int from, int length, long wanted) {
    long found = 0;
    int end = from + length;
    int at = from;
    while (at + 1 < end && found < wanted) {
      int n = b[at];
      if (n >= 0) {
        found += Math.min(n + 1, end - at - 1);
        at += n + 2;
      } else {
        found += n == -128 ? 0 : 1 - n;
        at += n == -128 ? 1 : 2;
      }
    }
    return found;
  }

  /** Of before TIFF 6.0, whose bits are in another order. */
  private static boolean isOlderLzw(byte[] b, int from, int length) {
    return length > 1 && b[from] == 0 && (b[from + 1] & 1) == 1;
  }

  /** The strings' lengths alone: each code stands for the one before it and a byte more. */
  private long strings(int from, int length, long wanted) {
    final int clear = 256;
    final int end = 257;
    strings = strings == null ? new int[1 << 12] : strings;
    Arrays.fill(strings, 0, clear, 1);
    long bits = 8L * length;
    long at = 0;
    long found = 0;
    int next = end + 1;
    int before = -1;
    int width = 9;
    boolean cleared = false; // as every strip begins
    while (at + width <= bits && found < wanted) {
      int code = code(b, from + (int) (at >> 3), from + length, (int) (at & 7), width);
      at += width;
      if (code == clear) {
        next = end + 1;
        width = 9;
        before = -1;
        cleared = true;
      } else if (code == end || !cleared || code > next || before < 0 && code > end) {
        return found;
      } else {
        if (before >= 0 && next < strings.length) {
          strings[next++] = strings[before] + 1;
        }
        found += strings[code];
        before = code;
        width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
      }
    }
    return found;
  }

  /** So many bits, the highest first, from one within a byte on; behind the end are zeros. */
  private static int code(byte[] b, int at, int end, int bit, int width) {
    int three = 0;
    for (int i = 0; i < 3; i++) {
      three = three << 8 | (at + i < end ? b[at + i] & 0xFF : 0);
    }
    return three >> 24 - bit - width & (1 << width) - 1;
  }
}
