package dev.millrace.vision.decode;

/** The chunks of a WebP (RFC 9649). */
final class WebpFile {
  private WebpFile() {}

  /** Size and orientation, after looking whether all bytes are there. */
  static Header header(byte[] b) throws BadPictureException {
    long announced = Bytes.little(b, 4, 4) + 8;
    if (announced > b.length) {
      throw new BadPictureException(
          "cut off: the WebP announces " + announced + " bytes, the file has " + b.length);
    }
    Orientation orientation = orientation(b, (int) announced);
    if (Bytes.starts(b, 12, "VP8X")) {
      return header(Bytes.little(b, 24, 3) + 1, Bytes.little(b, 27, 3) + 1, orientation);
    }
    if (Bytes.starts(b, 12, "VP8L")) {
      long bits = Bytes.little(b, 21, 4);
      return header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, orientation);
    }
    return header(Bytes.little(b, 26, 2) & 0x3FFF, Bytes.little(b, 28, 2) & 0x3FFF, orientation);
  }

  private static Header header(long width, long height, Orientation orientation) {
    return Header.plain(Header.Format.WEBP, width, height).lying(orientation);
  }

  private static Orientation orientation(byte[] b, int end) {
    long at = 12;
    while (at + 8 <= end) {
      long length = Bytes.little(b, (int) at + 4, 4);
      if (Bytes.starts(b, (int) at, "EXIF")) {
        Orientation found = Exif.orientation(b, (int) at + 8, (int) Math.min(end, at + 8 + length));
        return found == null ? Orientation.UPRIGHT : found;
      }
      at += 8 + length + (length & 1);
    }
    return Orientation.UPRIGHT;
  }
}
