package dev.millrace.vision.decode;

import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The chunk structure of a PNG (ISO/IEC 15948, clause 5): every chunk must be whole and, where it
 * carries pixels, agree with its checksum.
 */
final class PngFile {
  private static final int SIGNATURE = 8;

  private PngFile() {}

  /** Size from IHDR and orientation from eXIf, after walking all chunks to IEND. */
  static Header header(byte[] b) throws BadPictureException {
    if (Bytes.starts(b, 12, "CgBI")) {
      throw new BadPictureException("not read: a PNG packed by Xcode; save it anew");
    }
    if (!Bytes.starts(b, 12, "IHDR")) {
      throw new BadPictureException("broken: the PNG does not begin with its header chunk");
    }
    Header header =
        new Header(
            Header.Format.PNG,
            Bytes.big(b, 16, 4),
            Bytes.big(b, 20, 4),
            Orientation.UPRIGHT,
            false,
            b[24] == 16);
    long at = SIGNATURE;
    while (at + 12 <= b.length) {
      int chunk = (int) at;
      long length = Bytes.big(b, chunk, 4);
      if (at + 12 + length > b.length) {
        break;
      }
      if (isCritical(b, chunk)) {
        CRC32 crc = new CRC32();
        crc.update(b, chunk + 4, (int) length + 4);
        if (crc.getValue() != Bytes.big(b, chunk + 8 + (int) length, 4)) {
          throw new BadPictureException(
              "broken: the PNG's chunk at byte " + at + " does not match its checksum");
        }
      }
      if (Bytes.starts(b, chunk + 4, "IEND")) {
        return header;
      }
      if (Bytes.starts(b, chunk + 4, "eXIf")) {
        header = header.lying(Exif.orientation(b, chunk + 8, chunk + 8 + (int) length));
      }
      at += 12 + length;
    }
    throw new BadPictureException("cut off: the PNG's " + b.length + " bytes hold no end chunk");
  }

  /**
   * The picture alone, without animation, transparency, profiles and texts: nothing that libpng
   * could warn of on the standard error, or composite.
   *
   * @param b of which {@link #header} was read
   */
  static byte[] critical(byte[] b) {
    byte[] kept = new byte[b.length];
    System.arraycopy(b, 0, kept, 0, SIGNATURE);
    int to = SIGNATURE;
    int at = SIGNATURE;
    boolean end = false;
    while (!end) {
      int length = 12 + (int) Bytes.big(b, at, 4);
      if (isCritical(b, at)) {
        System.arraycopy(b, at, kept, to, length);
        to += length;
        end = Bytes.starts(b, at + 4, "IEND");
      }
      at += length;
    }
    return Arrays.copyOf(kept, to);
  }

  private static boolean isCritical(byte[] b, int chunk) {
    return (b[chunk + 4] & 0x20) == 0;
  }
}
