package dev.millrace.vision.decode;

/**
 * Reads the entropy-coded blocks of a JPEG as libjpeg does, without making coefficients: every code
 * must be in its table, and no block have more than 64 coefficients. Not thread-safe.
 */
final class JpegBlocks {
  private static final int BLOCK = JpegFrame.BLOCK;

  /** Eight times what a level-shifted mean can be; beyond it only damage leads. */
  private static final int MOST_DC = 8192;

  /**
   * What a scan holds of its blocks.
   *
   * @param first coefficient
   * @param last coefficient
   * @param high bits known before; 0 for the first scan of these coefficients
   * @param low bits that are still open after it
   */
  record Band(int first, int last, int high, int low) {
    /** All of a block at once. */
    static final Band WHOLE = new Band(0, BLOCK - 1, 0, 0);
  }

  private final JpegBits bits;
  private final JpegTables tables;
  private final JpegFrame frame;
  private int endOfBand;

  JpegBlocks(JpegBits bits, JpegTables tables, JpegFrame frame) {
    this.bits = bits;
    this.tables = tables;
    this.frame = frame;
  }

  /** Whether the tables that a scan needs are there. */
  boolean hasTables(JpegFrame.Component[] part, Band band) {
    for (JpegFrame.Component c : part) {
      boolean dc = band.first() == 0 && band.high() == 0;
      boolean ac = !frame.lossless() && (frame.progressive() ? band.first() > 0 : band.last() > 0);
      if (dc && tables.dc[c.dcTable] == null || ac && tables.ac[c.acTable] == null) {
        return false;
      }
    }
    return true;
  }

  /** Begins a scan or an interval: nothing is known of earlier blocks. */
  void begin(JpegFrame.Component[] part) {
    endOfBand = 0;
    for (JpegFrame.Component c : part) {
      c.dc = 0;
    }
  }

  /**
   * Reads a block.
   *
   * @param index its place among the component's
   * @return whether there was one that makes sense
   */
  boolean read(JpegFrame.Component c, int index, Band band) {
    if (!frame.progressive()) {
      return dc(c, 0) && (frame.lossless() || sequential(tables.ac[c.acTable]));
    }
    if (band.first() > 0) {
      return band.high() == 0
          ? band(c, index, band.first(), band.last())
          : refinement(c, index, band.first(), band.last());
    }
    if (band.high() == 0) {
      return dc(c, band.low());
    }
    bits.skip(1);
    return true;
  }

  private boolean dc(JpegFrame.Component c, int low) {
    int size = bits.symbol(tables.dc[c.dcTable]);
    if (size < 0 || size > 16) {
      return false;
    }
    if (frame.lossless()) {
      bits.skip(size == 16 ? 0 : size);
      return true;
    }
    int value = bits.take(size);
    if (size > 0) {
      c.dc += value < 1 << size - 1 ? value - (1 << size) + 1 : value;
    }
    return Math.abs((long) c.dc << low) * tables.quantisation[c.quantisation] <= MOST_DC;
  }

  private boolean sequential(JpegBits.Table table) {
    for (int k = 1; k < BLOCK; k++) {
      int symbol = bits.symbol(table);
      if (symbol < 0) {
        return false;
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
        return true;
      }
      if (k >= BLOCK) {
        return false;
      }
    }
    return true;
  }

  private boolean band(JpegFrame.Component c, int index, int first, int last) {
    if (endOfBand > 0) {
      endOfBand--;
      return true;
    }
    for (int k = first; k <= last; k++) {
      int symbol = bits.symbol(tables.ac[c.acTable]);
      if (symbol < 0) {
        return false;
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
        return true;
      }
      if (k > last) {
        return false;
      }
    }
    return true;
  }

  /** T.81, figure G.7. */
  private boolean refinement(JpegFrame.Component c, int index, int first, int last) {
    int k = first;
    while (endOfBand == 0 && k <= last) {
      int symbol = bits.symbol(tables.ac[c.acTable]);
      if (symbol < 0) {
        return false;
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
          return false;
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
    return true;
  }
}
