package dev.millrace.vision.decode;

/**
 * The marker structure of a JPEG (ITU-T T.81, annex B). libjpeg fills what is missing of a cut-off
 * file with grey and only warns; training would never notice, so the end marker is looked for here.
 */
final class JpegFile {
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
