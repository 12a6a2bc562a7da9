package dev.millrace.vision.decode;

/**
 * The marker structure of a JPEG (ITU-T T.81, annex B). libjpeg fills what is missing of a cut-off
 * file with grey and only warns; training would never notice, so {@link JpegScans} looks before.
 */
final class JpegFile {
  static final int SOI = 0xD8;
  static final int EOI = 0xD9;
  static final int SOS = 0xDA;
  private static final int APP1 = 0xE1;
  private static final int LOSSLESS = 0xC3;

  /**
   * Of pixels times scans, about three seconds: a scan costs time by the size of the picture,
   * however few its bytes are. An ordinary progressive JPEG has ten.
   */
  private static final long MOST_WORK = 4_000_000_000L;

  private JpegFile() {}

  /**
   * Size, and the orientation of the first EXIF segment that says one, after walking all segments
   * and scans to the end marker, or the end of the bytes.
   */
  static Header header(byte[] b) throws BadPictureException {
    Header header = null;
    Orientation orientation = null;
    long scans = 0;
    int at = 2;
    while (true) {
      at = nextMarker(b, at);
      if (at < 0) {
        break;
      }
      int marker = b[at + 1] & 0xFF;
      if (marker == EOI) {
        break;
      }
      at += 2;
      if (marker == 0x01 || marker == SOI) {
        continue; // markers without a segment
      }
      // The length counts its own two bytes; less would make no progress.
      int length = Math.max(2, (int) Bytes.big(b, at, 2));
      if (isFrame(marker) && header == null) {
        header = frame(b, at, marker);
      } else if (marker == SOS) {
        scans++;
      } else if (marker == APP1 && scans == 0 && orientation == null && Exif.isExif(b, at + 2)) {
        orientation = Exif.orientation(b, at + 2, at + length);
      }
      at += length;
    }
    if (header == null || scans == 0) {
      String missing = header == null ? "no frame header, so no picture" : "no pixels";
      throw new BadPictureException(
          at < 0
              ? "cut off: the JPEG's " + b.length + " bytes hold " + missing
              : "broken: the JPEG has " + missing);
    }
    long pixels = header.width() * header.height();
    if (scans > 1 && scans * pixels > MOST_WORK) {
      throw new BadPictureException(
          "too costly: a JPEG of %d×%d pixels in %d scans takes minutes; save it anew"
              .formatted(header.width(), header.height(), scans));
    }
    return header.lying(orientation);
  }

  private static Header frame(byte[] b, int at, int marker) throws BadPictureException {
    long bits = b[at + 2] & 0xFF;
    boolean lossless = marker == LOSSLESS;
    if (bits != 8) {
      throw new BadPictureException(
          "not read: a JPEG of " + bits + " bits per sample; save it with 8, or as PNG with 16");
    }
    if (marker >= 0xC5 && marker != 0xC9 && marker != 0xCA) {
      throw new BadPictureException(
          "not read: a JPEG of a rare kind (%s); save it as an ordinary JPEG or as PNG"
              .formatted(marker == 0xCB ? "lossless, arithmetically coded" : "hierarchical"));
    }
    return new Header(
        Header.Format.JPEG,
        Bytes.big(b, at + 5, 2),
        Bytes.big(b, at + 3, 2),
        Orientation.UPRIGHT,
        !lossless,
        false);
  }

  /** The next marker that is neither a stuffed FF nor a restart: outside scans that is at hand. */
  static int nextMarker(byte[] b, int from) {
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

  static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }
}
