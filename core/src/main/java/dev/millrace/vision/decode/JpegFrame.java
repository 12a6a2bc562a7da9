package dev.millrace.vision.decode;

import java.util.Arrays;

/**
 * What a JPEG's frame promises: its components, and how many blocks of each there are.
 *
 * @param components in the frame's order; what is read of them is noted in them
 * @param progressive whether coefficients come in several scans
 * @param lossless whether samples are coded instead of blocks of coefficients
 * @param unitsAcross interleaved units in a row
 * @param unitsDown rows of them
 */
record JpegFrame(
    Component[] components, boolean progressive, boolean lossless, int unitsAcross, int unitsDown) {
  /** Coefficients of a block. */
  static final int BLOCK = 64;

  /** A component of the frame. */
  static final class Component {
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

  /**
   * Reads a frame.
   *
   * @param b the file
   * @param at where the segment's length stands
   * @param marker of the frame
   * @return null where libjpeg refuses it by itself
   * @throws BadPictureException if the file is too short for its size
   */
  static JpegFrame read(byte[] b, int at, int marker) throws BadPictureException {
    boolean progressive = marker == 0xC2;
    boolean lossless = marker == 0xC3;
    int height = (int) Bytes.big(b, at + 3, 2);
    int width = (int) Bytes.big(b, at + 5, 2);
    int count = b[at + 7] & 0xFF;
    if (count < 1 || count > 4) {
      return null;
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
        return null;
      }
      mostAcross = Math.max(mostAcross, c.across);
      mostDown = Math.max(mostDown, c.down);
      Arrays.fill(c.missingBits, -1);
      found[i] = c;
    }
    int side = lossless ? 1 : 8;
    int unitsAcross = ceil(width, side * mostAcross);
    int unitsDown = ceil(height, side * mostDown);
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
    return new JpegFrame(found, progressive, lossless, unitsAcross, unitsDown);
  }

  private static int ceil(int a, int by) {
    return (a + by - 1) / by;
  }
}
