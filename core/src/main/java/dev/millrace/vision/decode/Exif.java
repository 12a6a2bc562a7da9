package dev.millrace.vision.decode;

/** The orientation that EXIF gives. What cannot be read counts as upright, as in browsers. */
final class Exif {
  private static final String PREFIX = "Exif\0\0";

  private Exif() {}

  /** Whether a JPEG's APP1 segment is EXIF, by what it begins with. */
  static boolean isExif(byte[] b, int from) {
    return Bytes.starts(b, from, PREFIX);
  }

  /**
   * The orientation in an EXIF block.
   *
   * @param from where the block begins; JPEG's prefix is passed over, which some programs write
   *     into WebP and PNG as well
   * @param to the first byte behind the block
   * @return null if it says none
   */
  static Orientation orientation(byte[] b, int from, int to) {
    int start = isExif(b, from) ? from + PREFIX.length() : from;
    if (!Bytes.starts(b, start, "II*\0") && !Bytes.starts(b, start, "MM\0*")) {
      return null;
    }
    try {
      Directory directory = new Directory(b, start, Math.min(to, b.length));
      return directory.has(Orientation.TAG)
          ? Orientation.of(directory.value(Orientation.TAG, 0))
          : null;
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      return null;
    }
  }
}
