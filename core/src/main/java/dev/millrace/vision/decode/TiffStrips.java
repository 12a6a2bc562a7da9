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
 * bits in another order, and subsampled colours are taken as they are. Stateless.
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

  private TiffStrips() {}

  /**
   * Refuses a file of which a part does not unpack.
   *
   * @param b of which {@link TiffFile#header} was read
   * @throws BadPictureException naming the part
   */
  static void check(byte[] b) throws BadPictureException {
    Directory tags = new Directory(b, 0, b.length);
    boolean tiled = tags.has(TILE_OFFSETS);
    int places = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    int lengths = TiffFile.lengths(tags);
    int packing = (int) tags.value(COMPRESSION, PLAIN);
    int parts = (int) Math.min(tags.count(places), tags.count(lengths));
    if (parts == 0
        || tags.value(BIT_ORDER, 1) != 1
        || tags.value(PHOTOMETRIC, 1) == SUBSAMPLED
        || packing == PLAIN && guessed(tags, lengths, parts)) {
      return;
    }
    for (int i = 0; i < parts; i++) {
      int from = (int) tags.at(places, i);
      int length = (int) tags.at(lengths, i);
      long wanted = wanted(tags, tiled, i);
      long found = unpacked(packing, b, from, length, wanted);
      if (found < wanted) {
        throw new BadPictureException(
            "broken: the TIFF's part %d of %d unpacks to %d good bytes, expected %d"
                .formatted(i + 1, parts, found, wanted));
      }
    }
  }

  /** Whether readers put their own lengths in the place of those that such a file has. */
  private static boolean guessed(Directory tags, int lengths, int parts) {
    return parts == 1
        || tags.at(lengths, 0) == 0
        || parts > 2 && tags.at(lengths, 0) != tags.at(lengths, 1);
  }

  /** Bytes that the pixels of a part take. */
  private static long wanted(Directory tags, boolean tiled, int part) {
    long height = tags.value(HEIGHT, 0);
    long samples = tags.value(PLANES, 1) == 2 ? 1 : tags.value(SAMPLES, 1);
    long width = tiled ? tags.value(TILE_WIDTH, 0) : tags.value(WIDTH, 0);
    long row = (width * samples * tags.value(BITS, 1) + 7) / 8;
    if (tiled) {
      return row * tags.value(TILE_HEIGHT, 0);
    }
    long rows = Math.max(1, Math.min(height, tags.value(STRIP_ROWS, height)));
    long ofAPlane = (height + rows - 1) / rows;
    return row * Math.max(0, Math.min(rows, height - part % ofAPlane * rows));
  }

  /** Bytes that a part unpacks to, as far as it does; those wanted where it is not looked at. */
  private static long unpacked(int packing, byte[] b, int from, int length, long wanted) {
    return switch (packing) {
      case PLAIN -> length;
      case DEFLATE, OLDER_DEFLATE -> inflated(b, from, length, wanted);
      case PACK_BITS -> runs(b, from, length);
      case LZW -> isOlderLzw(b, from, length) ? wanted : strings(b, from, length);
      default -> wanted;
    };
  }

  private static long inflated(byte[] b, int from, int length, long wanted) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(b, from, length);
      byte[] out = new byte[1 << 14];
      long found = 0;
      int more;
      while ((more = inflater.inflate(out)) > 0) { // to the end, where its checksum lies
        found += more;
      }
      return found;
    } catch (DataFormatException e) {
      return Math.min(inflater.getBytesWritten(), wanted - 1);
    } finally {
      inflater.end();
    }
  }

  /** A byte n below 128 and n + 1 bytes, or one above and a byte to be repeated 257 − n times. */
  private static long runs(byte[] b, int from, int length) {
    long found = 0;
    int end = from + length;
    int at = from;
    while (at + 1 < end) {
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
  private static long strings(byte[] b, int from, int length) {
    final int clear = 256;
    final int end = 257;
    int[] lengths = new int[1 << 12];
    Arrays.fill(lengths, 0, clear, 1);
    long bits = 8L * length;
    long at = 0;
    long found = 0;
    int next = end + 1;
    int before = -1;
    int width = 9;
    boolean cleared = false; // as every strip begins
    while (at + width <= bits) {
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
        if (before >= 0 && next < lengths.length) {
          lengths[next++] = lengths[before] + 1;
        }
        found += lengths[code];
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
