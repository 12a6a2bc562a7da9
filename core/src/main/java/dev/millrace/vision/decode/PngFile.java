package dev.millrace.vision.decode;

import java.util.zip.CRC32;

/**
 * The chunk structure of a PNG (ISO/IEC 15948, clause 5): every chunk must be whole and, where it
 * carries pixels, agree with its checksum.
 */
final class PngFile {
  private PngFile() {}

  /** Size from IHDR, after walking all chunks to IEND. */
  static Header header(byte[] b) throws BadPictureException {
    Header header = new Header(Header.Format.PNG, Header.big(b, 16, 4), Header.big(b, 20, 4));
    long at = 8;
    while (at + 12 <= b.length) {
      int chunk = (int) at;
      long length = Header.big(b, chunk, 4);
      if (at + 12 + length > b.length) {
        break;
      }
      boolean critical = (b[chunk + 4] & 0x20) == 0;
      if (critical) {
        CRC32 crc = new CRC32();
        crc.update(b, chunk + 4, (int) length + 4);
        if (crc.getValue() != Header.big(b, chunk + 8 + (int) length, 4)) {
          throw new BadPictureException(
              "broken: the PNG's chunk at byte " + at + " does not match its checksum");
        }
      }
      if (Header.starts(b, chunk + 4, "IEND")) {
        return header;
      }
      at += 12 + length;
    }
    throw new BadPictureException("cut off: the PNG's " + b.length + " bytes hold no end chunk");
  }
}
