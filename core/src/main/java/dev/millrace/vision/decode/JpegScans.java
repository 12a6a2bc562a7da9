package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * Whether the scans of a JPEG hold all that its frame promises. libjpeg fills what is missing or
 * damaged with grey and warns on the standard error, where nobody knows of which picture. So the
 * entropy-coded bits are read here as it reads them, without making pixels: every block must be
 * there, every code be in its table and no block have more than 64 coefficients. Bytes behind the
 * last block and a missing end marker lose nothing and are accepted; arithmetic coding is not
 * looked into. A damage that happens to give as many blocks of sense stays unseen.
 */
final class JpegScans {
  private static final int BLOCK = 64;

  /** Eight times what a level-shifted mean can be; beyond it only damage leads. */
  private static final int MOST_DC = 8192;

  /** A component of the frame. */
  private static final class Component {
    int id;
    int across; // blocks of an interleaved unit
    int down;
    int quantisation;
    int blocksAcross; // of the picture, for scans of this component alone
    int blocksDown;
    int stride; // blocks with what the last units have too many
    long[] nonZero; // a bit for each coefficient known not to be 0; progressive only
    int dc;
    int dcTable;
    int acTable;
    final int[] missingBits = new int[BLOCK]; // −1: nothing yet, else how many low bits are open
  }

  private final byte[] b;
  private final JpegBits bits;
  private final JpegBits.Table[] dcTables = new JpegBits.Table[4];
  private final JpegBits.Table[] acTables = new JpegBits.Table[4];
  private final int[] quantisation = {1, 1, 1, 1};
  private Component[] frame;
  private boolean progressive;
  private boolean lossless;
  private int unitsAcross;
  private int unitsDown;
  private int restart;
  private int endOfBand;
  private int scans;

  private JpegScans(byte[] b) {
    this.b = b;
    bits = new JpegBits(b);
  }

  /**
   * Looks through all scans.
   *
   * @param b of which {@link JpegFile#header} was read
   * @throws BadPictureException if blocks are missing or damaged
   */
  static void check(byte[] b) throws BadPictureException {
    try {
      new JpegScans(b).walk();
    } catch (IndexOutOfBoundsException e) {
      throw new BadPictureException(
          "cut off: the JPEG's " + b.length + " bytes end within a segment");
    }
  }

  private void walk() throws BadPictureException {
    int at = 2;
    boolean ended = false;
    while (!ended) {
      at = JpegFile.nextMarker(b, at);
      if (at < 0) {
        break;
      }
      int marker = b[at + 1] & 0xFF;
      at += 2;
      if (marker == JpegFile.EOI) {
        ended = true;
      } else if (marker != 0x01 && marker != JpegFile.SOI) {
        int length = Math.max(2, (int) Bytes.big(b, at, 2));
        int end = at + length;
        if (marker == 0xC4) {
          huffman(at + 2, end);
        } else if (marker == 0xDB) {
          quantisation(at + 2, end);
        } else if (marker == 0xDD) {
          restart = (int) Bytes.big(b, at + 2, 2);
        } else if (JpegFile.isFrame(marker) && frame == null) {
          if (marker == 0xC9 || marker == 0xCA || !frame(at, marker)) {
            return; // arithmetic coding, or what libjpeg refuses by itself
          }
        } else if (marker == JpegFile.SOS) {
          if (frame == null || !scan(at)) {
            return;
          }
          end = bits.marker();
        }
        at = end;
      }
    }
    complete(ended);
  }

  private void huffman(int from, int end) {
    int at = from;
    while (at + 17 <= end) {
      int kind = b[at] & 0xFF;
      int symbols = 0;
      for (int i = 1; i <= 16; i++) {
        symbols += b[at + i] & 0xFF;
      }
      if ((kind & 15) < 4 && symbols <= 256) {
        (kind < 16 ? dcTables : acTables)[kind & 3] = new JpegBits.Table(b, at + 1, symbols);
      }
      at += 17 + symbols;
    }
  }

  private void quantisation(int from, int end) {
    int at = from;
    while (at + 65 <= end) {
      boolean wide = b[at] >> 4 != 0;
      quantisation[b[at] & 3] = (int) Bytes.big(b, at + 1, wide ? 2 : 1);
      at += wide ? 129 : 65;
    }
  }

  private boolean frame(int at, int marker) throws BadPictureException {
    progressive = marker == 0xC2;
    lossless = marker == 0xC3;
    int height = (int) Bytes.big(b, at + 3, 2);
    int width = (int) Bytes.big(b, at + 5, 2);
    int count = b[at + 7] & 0xFF;
    if (count < 1 || count > 4) {
      return false;
    }
    Component[] found = new Component[count];
    int mostAcross = 1;
    int mostDown = 1;
    for (int i = 0; i < count; i++) {
      Component c = new Component();
      c.id = b[at + 8 + 3 * i] & 0xFF;
      c.across = b[at + 9 + 3 * i] >> 4 & 15;
      c.down = b[at + 9 + 3 * i] & 15;
      c.quantisation = b[at + 10 + 3 * i] & 3;
      if (c.across < 1 || c.across > 4 || c.down < 1 || c.down > 4) {
        return false;
      }
      mostAcross = Math.max(mostAcross, c.across);
      mostDown = Math.max(mostDown, c.down);
      Arrays.fill(c.missingBits, -1);
      found[i] = c;
    }
    int side = lossless ? 1 : 8;
    unitsAcross = ceil(width, side * mostAcross);
    unitsDown = ceil(height, side * mostDown);
    long blocks = 0;
    for (Component c : found) {
      c.blocksAcross = ceil(ceil(width * c.across, mostAcross), side);
      c.blocksDown = ceil(ceil(height * c.down, mostDown), side);
      c.stride = unitsAcross * c.across;
      blocks += (long) c.stride * unitsDown * c.down;
    }
    // A block takes a bit at least, so an absurd size is refused before it is allocated.
    if (blocks / 8 > b.length) {
      throw new BadPictureException(
          "cut off: %d bytes cannot hold a JPEG of %d×%d pixels"
              .formatted(b.length, width, height));
    }
    for (Component c : found) {
      c.nonZero = progressive ? new long[c.stride * unitsDown * c.down] : null;
    }
    frame = found;
    return true;
  }

  private static int ceil(int a, int by) {
    return (a + by - 1) / by;
  }

  /** Whether the scan could be looked into. */
  private boolean scan(int at) throws BadPictureException {
    int count = b[at + 2] & 0xFF;
    if (count < 1 || count > frame.length) {
      return false;
    }
    Component[] part = new Component[count];
    for (int i = 0; i < count; i++) {
      int id = b[at + 3 + 2 * i] & 0xFF;
      for (Component c : frame) {
        if (c.id == id && part[i] == null) {
          part[i] = c;
          c.dcTable = b[at + 4 + 2 * i] >> 4 & 3;
          c.acTable = b[at + 4 + 2 * i] & 3;
        }
      }
      if (part[i] == null) {
        return false;
      }
    }
    int first = b[at + 3 + 2 * count] & 0xFF;
    int last = b[at + 4 + 2 * count] & 0xFF;
    int high = b[at + 5 + 2 * count] >> 4 & 15;
    int low = b[at + 5 + 2 * count] & 15;
    if (!progressive) {
      first = 0;
      last = BLOCK - 1;
      high = 0;
      low = 0;
    } else if (first > last || last >= BLOCK || first == 0 && last > 0) {
      return false;
    }
    if (first > 0 && count > 1 || !hasTables(part, first, last, high)) {
      return false;
    }
    for (Component c : part) {
      Arrays.fill(c.missingBits, first, last + 1, low);
    }
    scans++;
    bits.start(at + (int) Bytes.big(b, at, 2));
    units(part, first, last, high, low);
    return true;
  }

  private boolean hasTables(Component[] part, int first, int last, int high) {
    for (Component c : part) {
      boolean dc = first == 0 && high == 0;
      boolean ac = !lossless && (progressive ? first > 0 : last > 0);
      if (dc && dcTables[c.dcTable] == null || ac && acTables[c.acTable] == null) {
        return false;
      }
    }
    return true;
  }

  private void units(Component[] part, int first, int last, int high, int low)
      throws BadPictureException {
    boolean alone = part.length == 1;
    int across = alone ? part[0].blocksAcross : unitsAcross;
    int down = alone ? part[0].blocksDown : unitsDown;
    long all = (long) across * down;
    int untilRestart = restart;
    begin(part);
    for (long unit = 0; unit < all; unit++) {
      if (restart > 0 && untilRestart == 0) {
        nextInterval(unit, all);
        begin(part);
        untilRestart = restart;
      }
      untilRestart--;
      int x = (int) (unit % across);
      int y = (int) (unit / across);
      if (alone) {
        block(part[0], x + y * part[0].stride, first, last, high, low, unit, all);
      } else {
        for (Component c : part) {
          for (int v = 0; v < c.down; v++) {
            for (int h = 0; h < c.across; h++) {
              int index = (y * c.down + v) * c.stride + x * c.across + h;
              block(c, index, first, last, high, low, unit, all);
            }
          }
        }
      }
      // Some encoders drop bits of the very last unit, of which nobody sees anything.
      if (bits.isOver() && unit < all - 1) {
        throw ended(unit, all);
      }
    }
    surplus(part, first, across);
  }

  private void begin(Component[] part) {
    endOfBand = 0;
    for (Component c : part) {
      c.dc = 0;
    }
  }

  private void nextInterval(long unit, long all) throws BadPictureException {
    int at = bits.marker();
    int code = at + 1 < b.length ? b[at + 1] & 0xFF : JpegFile.EOI;
    if (code < 0xD0 || code > 0xD7) {
      throw ended(unit, all);
    }
    bits.start(at + 2);
  }

  /**
   * Data behind the last block that goes on as blocks to its very end: a damage before made fewer
   * of them. Whole rows more are an encoder's, or a picture's whose height was changed.
   */
  private void surplus(Component[] part, int first, int across) throws BadPictureException {
    if (progressive || lossless || restart > 0 || first > 0 || bits.left() < 8) {
      return;
    }
    long more = 0;
    while (bits.left() >= 8) {
      try {
        for (Component c : part) {
          for (int i = 0; i < (part.length == 1 ? 1 : c.across * c.down); i++) {
            block(c, 0, 0, BLOCK - 1, 0, 0, 0, 1);
          }
        }
      } catch (BadPictureException e) {
        return; // other bytes than blocks
      }
      more++;
      if (bits.isOver()) {
        return;
      }
    }
    long left = bits.left();
    boolean padded = left == 0 || bits.take((int) left) == (1 << left) - 1;
    if (padded && more % across != 0) {
      throw damaged("it goes on for " + more + " blocks more than its size takes");
    }
  }

  private void block(
      Component c, int index, int first, int last, int high, int low, long unit, long all)
      throws BadPictureException {
    if (!progressive) {
      dc(c, 0, unit, all);
      if (!lossless) {
        sequential(acTables[c.acTable], unit, all);
      }
    } else if (first == 0) {
      if (high == 0) {
        dc(c, low, unit, all);
      } else {
        bits.skip(1);
      }
    } else if (high == 0) {
      band(c, index, first, last, unit, all);
    } else {
      refinement(c, index, first, last, unit, all);
    }
  }

  private void dc(Component c, int low, long unit, long all) throws BadPictureException {
    int size = bits.symbol(dcTables[c.dcTable]);
    if (size < 0 || size > 16) {
      throw at(unit, all);
    }
    if (lossless) {
      bits.skip(size == 16 ? 0 : size);
      return;
    }
    int value = bits.take(size);
    if (size > 0) {
      c.dc += value < 1 << size - 1 ? value - (1 << size) + 1 : value;
    }
    if (Math.abs((long) c.dc << low) * quantisation[c.quantisation] > MOST_DC) {
      throw at(unit, all);
    }
  }

  private void sequential(JpegBits.Table table, long unit, long all) throws BadPictureException {
    for (int k = 1; k < BLOCK; k++) {
      int symbol = bits.symbol(table);
      if (symbol < 0) {
        throw at(unit, all);
      }
      int size = symbol & 15;
      int run = symbol >> 4;
      if (size != 0) {
        k += run;
        bits.skip(size);
      } else if (run == 15) {
        k += 15; // some encoders go beyond the end with it
        continue;
      } else {
        return;
      }
      if (k >= BLOCK) {
        throw at(unit, all);
      }
    }
  }

  private void band(Component c, int index, int first, int last, long unit, long all)
      throws BadPictureException {
    if (endOfBand > 0) {
      endOfBand--;
      return;
    }
    for (int k = first; k <= last; k++) {
      int symbol = bits.symbol(acTables[c.acTable]);
      if (symbol < 0) {
        throw at(unit, all);
      }
      int size = symbol & 15;
      int run = symbol >> 4;
      if (size != 0) {
        k += run;
        bits.skip(size);
        if (k <= last) {
          c.nonZero[index] |= 1L << k;
        }
      } else if (run == 15) {
        k += 15;
        continue;
      } else {
        endOfBand = (1 << run) - 1 + bits.take(run);
        return;
      }
      if (k > last) {
        throw at(unit, all);
      }
    }
  }

  /** T.81, figure G.7. */
  private void refinement(Component c, int index, int first, int last, long unit, long all)
      throws BadPictureException {
    int k = first;
    while (endOfBand == 0 && k <= last) {
      int symbol = bits.symbol(acTables[c.acTable]);
      if (symbol < 0) {
        throw at(unit, all);
      }
      int run = symbol >> 4;
      boolean found = (symbol & 15) != 0;
      if (found) {
        bits.skip(1); // its sign
      } else if (run < 15) {
        endOfBand = (1 << run) + bits.take(run);
        break;
      }
      for (; k <= last; k++) {
        if ((c.nonZero[index] >> k & 1) == 1) {
          bits.skip(1);
        } else if (run-- == 0) {
          break;
        }
      }
      if (found) {
        if (k > last) {
          throw at(unit, all);
        }
        c.nonZero[index] |= 1L << k;
      }
      k++;
    }
    if (endOfBand > 0) {
      for (; k <= last; k++) {
        if ((c.nonZero[index] >> k & 1) == 1) {
          bits.skip(1);
        }
      }
      endOfBand--;
    }
  }

  /** All components must have been met; without an end marker, to the last bit. */
  private void complete(boolean ended) throws BadPictureException {
    for (Component c : frame) {
      boolean open = !ended && Arrays.stream(c.missingBits).anyMatch(low -> low != 0);
      if (c.missingBits[0] < 0 || open) {
        throw new BadPictureException(
            "cut off: the JPEG's " + b.length + " bytes hold no end marker, and scans are missing");
      }
    }
  }

  /** Where no block can be read: for want of bytes, or because they are wrong. */
  private BadPictureException at(long unit, long all) {
    return bits.isOver() ? ended(unit, all) : damaged(share(unit, all));
  }

  private BadPictureException ended(long unit, long all) {
    return new BadPictureException("cut off: the JPEG's data end " + share(unit, all));
  }

  private String share(long unit, long all) {
    String share = "after %d %% of its blocks".formatted(100 * unit / all);
    return progressive ? share + " in scan " + scans : share;
  }

  private static BadPictureException damaged(String where) {
    return new BadPictureException("damaged: the JPEG's data make no sense " + where);
  }
}
