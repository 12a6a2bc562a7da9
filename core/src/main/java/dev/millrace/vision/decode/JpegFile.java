package dev.millrace.vision.decode;

/**
 * The marker structure of a JPEG (ITU-T T.81, annex B). libjpeg fills what is missing of a cut-off
 * file with grey and only warns; training would never notice, so the end marker is looked for here.
 */
final class JpegFile {
  /** EXIF's tag: 1 to 8, of which the upper four swap columns and rows. */
  private static final int ORIENTATION = 0x0112;

  private JpegFile() {}

  /** Size from the frame header, after walking all segments and scans to the end marker. */
  static Header header(byte[] b) throws BadPictureException {
    Header header = null;
    int at = 2;
    while (true) {
      at = nextMarker(b, at);
      if (at < 0) {
        throw new BadPictureException(
            "cut off: the JPEG's " + b.length + " bytes hold no end marker");
      }
      int marker = b[at + 1] & 0xFF;
      if (marker == 0xD9) {
        break;
      }
      at += 2;
      if (marker == 0x01 || marker == 0xD8) {
        continue; // markers without a segment
      }
      if (isFrame(marker) && header == null) {
        header = new Header(Header.Format.JPEG, Header.big(b, at + 5, 2), Header.big(b, at + 3, 2));
      }
      // The length counts its own two bytes; less would make no progress.
      at += Math.max(2, (int) Header.big(b, at, 2));
    }
    if (header == null) {
      throw new BadPictureException("broken: the JPEG has no frame header, so no picture");
    }
    return header;
  }

  /**
   * Whether EXIF says that the picture lies on its side, so that columns become rows when it is set
   * upright. What cannot be read counts as upright, as in decoding.
   */
  static boolean isTurned(byte[] b) {
    int at = 2;
    while (at + 10 < b.length && (b[at] & 0xFF) == 0xFF && (b[at + 1] & 0xFF) != 0xDA) {
      int length = (int) Header.big(b, at + 2, 2);
      if ((b[at + 1] & 0xFF) == 0xE1 && Header.starts(b, at + 4, "Exif\0\0")) {
        try {
          long orientation = Header.tag(b, at + 10, ORIENTATION);
          return orientation >= 5 && orientation <= 8;
        } catch (IndexOutOfBoundsException e) {
          return false;
        }
      }
      at += 2 + Math.max(2, length);
    }
    return false;
  }

  /** The next marker that is neither a stuffed FF nor a restart: outside scans that is at hand. */
  private static int nextMarker(byte[] b, int from) {
    for (int i = from; i + 1 < b.length; i++) {
      if (b[i] == (byte) 0xFF) {
        int code = b[i + 1] & 0xFF;
        if (code != 0 && code != 0xFF && (code < 0xD0 || code > 0xD7)) {
          return i;
        }
      }
    }
    return -1;
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }
}
