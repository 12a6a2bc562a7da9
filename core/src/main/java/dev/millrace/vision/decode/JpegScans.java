package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * Whether the scans of a JPEG hold all that its frame promises. libjpeg fills what is missing or
 * damaged with grey and warns on the standard error, where nobody knows of which picture. So the
 * entropy-coded bits are read here as it reads them, without making pixels: every block must be
 * there, every code be in its table and no block have more than 64 coefficients. Bytes behind the
 * last block and a missing end marker lose nothing and are accepted, unless all ends in zeros in
 * the place of a marker; arithmetic coding is not looked into. A damage that happens to give as
 * many blocks of sense stays unseen.
 */
final class JpegScans {
  private final byte[] b;
  private final JpegBits bits;
  private final JpegTables tables = new JpegTables();
  private JpegFrame frame;
  private JpegBlocks blocks;
  private int restart;
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
          tables.huffman(b, at + 2, end);
        } else if (marker == 0xDB) {
          tables.quantisation(b, at + 2, end);
        } else if (marker == 0xDD) {
          restart = (int) Bytes.big(b, at + 2, 2);
        } else if (JpegFile.isFrame(marker) && frame == null) {
          frame = marker == 0xC9 || marker == 0xCA ? null : JpegFrame.read(b, at, marker);
          if (frame == null) {
            return; // arithmetic coding, or what libjpeg refuses by itself
          }
          blocks = new JpegBlocks(bits, tables, frame);
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

  /** Whether the scan could be looked into. */
  private boolean scan(int at) throws BadPictureException {
    int count = b[at + 2] & 0xFF;
    if (count < 1 || count > frame.components().length) {
      return false;
    }
    JpegFrame.Component[] part = new JpegFrame.Component[count];
    for (int i = 0; i < count; i++) {
      int id = b[at + 3 + 2 * i] & 0xFF;
      for (JpegFrame.Component c : frame.components()) {
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
    JpegBlocks.Band band = JpegBlocks.Band.WHOLE;
    if (frame.progressive()) {
      int bitPlanes = b[at + 5 + 2 * count];
      band =
          new JpegBlocks.Band(
              b[at + 3 + 2 * count] & 0xFF,
              b[at + 4 + 2 * count] & 0xFF,
              bitPlanes >> 4 & 15,
              bitPlanes & 15);
      if (band.first() > band.last()
          || band.last() >= JpegFrame.BLOCK
          || band.first() == 0 && band.last() > 0) {
        return false;
      }
    }
    if (band.first() > 0 && count > 1 || !blocks.hasTables(part, band)) {
      return false;
    }
    for (JpegFrame.Component c : part) {
      Arrays.fill(c.missingBits, band.first(), band.last() + 1, band.low());
    }
    scans++;
    bits.start(at + (int) Bytes.big(b, at, 2));
    units(part, band);
    return true;
  }

  private void units(JpegFrame.Component[] part, JpegBlocks.Band band) throws BadPictureException {
    boolean alone = part.length == 1;
    int across = alone ? part[0].blocksAcross : frame.unitsAcross();
    int down = alone ? part[0].blocksDown : frame.unitsDown();
    long all = (long) across * down;
    int untilRestart = restart;
    blocks.begin(part);
    for (long unit = 0; unit < all; unit++) {
      if (restart > 0 && untilRestart == 0) {
        nextInterval(unit, all);
        blocks.begin(part);
        untilRestart = restart;
      }
      untilRestart--;
      int x = (int) (unit % across);
      int y = (int) (unit / across);
      if (alone) {
        require(blocks.read(part[0], x + y * part[0].stride, band), unit, all);
      } else {
        for (JpegFrame.Component c : part) {
          for (int v = 0; v < c.down; v++) {
            for (int h = 0; h < c.across; h++) {
              int index = (y * c.down + v) * c.stride + x * c.across + h;
              require(blocks.read(c, index, band), unit, all);
            }
          }
        }
      }
      // Some encoders drop bits of the very last unit, of which nobody sees anything.
      if (bits.isOver() && unit < all - 1) {
        throw ended(unit, all);
      }
    }
    surplus(part, across);
  }

  private void nextInterval(long unit, long all) throws BadPictureException {
    int at = bits.marker();
    int code = at + 1 < b.length ? b[at + 1] & 0xFF : JpegFile.EOI;
    if (code < 0xD0 || code > 0xD7) {
      throw ended(unit, all);
    }
    // Codecs look for the marker that is next by its number, and skip what lies between.
    int expected = (int) ((unit / restart - 1) % 8);
    if (code - 0xD0 != expected) {
      throw new BadPictureException(
          "damaged: restart marker %d where %d is expected, %s"
              .formatted(code - 0xD0, expected, share(unit, all)));
    }
    bits.start(at + 2);
  }

  /**
   * Data behind the last block that goes on as blocks to its very end: a damage before made fewer
   * of them. Whole rows more are an encoder's, or a picture's whose height was changed.
   */
  private void surplus(JpegFrame.Component[] part, int across) throws BadPictureException {
    if (frame.progressive() || frame.lossless() || restart > 0 || bits.left() < 8) {
      return;
    }
    long more = 0;
    while (bits.left() >= 8) {
      for (JpegFrame.Component c : part) {
        for (int i = 0; i < (part.length == 1 ? 1 : c.across * c.down); i++) {
          if (!blocks.read(c, 0, JpegBlocks.Band.WHOLE)) {
            return; // other bytes than blocks
          }
        }
      }
      more++;
      if (bits.isOver()) {
        return;
      }
    }
    long left = bits.left();
    boolean padded = left == 0 || bits.take((int) left) == (1 << left) - 1;
    if (padded && more % across != 0) {
      throw new BadPictureException(
          "damaged: the JPEG's data hold %d blocks too many for its size".formatted(more));
    }
  }

  /** All components must have been met; without an end marker, to the last bit. */
  private void complete(boolean ended) throws BadPictureException {
    if (!ended && Bytes.endsInZeros(b, b.length)) { // which are codes of blocks as well
      throw new BadPictureException(
          "cut off: the JPEG's " + b.length + " bytes hold no end marker and end in zeros");
    }
    for (JpegFrame.Component c : frame.components()) {
      boolean open = !ended && Arrays.stream(c.missingBits).anyMatch(low -> low != 0);
      if (c.missingBits[0] < 0 || open) {
        throw new BadPictureException(
            "cut off: the JPEG's " + b.length + " bytes hold no end marker, and scans are missing");
      }
    }
  }

  /** Refuses where no block could be read: for want of bytes, or because they are wrong. */
  private void require(boolean read, long unit, long all) throws BadPictureException {
    if (!read) {
      throw bits.isOver()
          ? ended(unit, all)
          : new BadPictureException("damaged: the JPEG's data make no sense " + share(unit, all));
    }
  }

  private BadPictureException ended(long unit, long all) {
    return new BadPictureException("cut off: the JPEG's data end " + share(unit, all));
  }

  private String share(long unit, long all) {
    String share = "after %d %% of its blocks".formatted(100 * unit / all);
    return frame.progressive() ? share + " in scan " + scans : share;
  }
}
