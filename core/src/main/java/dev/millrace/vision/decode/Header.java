package dev.millrace.vision.decode;

/**
 * What a picture's bytes say of it, read without decoding: so that a small file that claims a huge
 * picture is refused before anything is allocated. Only formats whose size is known here are
 * decoded at all.
 *
 * @param format the container
 * @param width pixels per row as stored, before any turn
 * @param height rows as stored
 * @param orientation how it lies; the only place that knows, for all formats
 * @param reducible whether it can be decoded at a half, a quarter or an eighth of its scale
 * @param deep whether it has 16 bits per sample
 */
record Header(
    Format format,
    long width,
    long height,
    Orientation orientation,
    boolean reducible,
    boolean deep) {
  /** The formats that Millrace reads. */
  enum Format {
    JPEG,
    PNG,
    GIF,
    BMP,
    WEBP,
    TIFF,
    PNM
  }

  /** An upright picture of 8 bits per sample that cannot be reduced. */
  static Header plain(Format format, long width, long height) {
    return new Header(format, width, height, Orientation.UPRIGHT, false, false);
  }

  /** The picture lying so; as before for null. */
  Header lying(Orientation found) {
    return found == null ? this : new Header(format, width, height, found, reducible, deep);
  }

  /** Reads format and size; also checks that the file is whole, as far as its structure tells. */
  static Header of(byte[] b) throws BadPictureException {
    if (b.length == 0) {
      throw new BadPictureException("empty: the picture has no bytes");
    }
    try {
      return read(b);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new BadPictureException("cut off: its " + b.length + " bytes end within the header");
    }
  }

  private static Header read(byte[] b) throws BadPictureException {
    if (Bytes.starts(b, 0, "\u00ff\u00d8\u00ff")) {
      return JpegFile.header(b);
    }
    if (Bytes.starts(b, 0, "\u0089PNG\r\n\u001a\n")) {
      return PngFile.header(b);
    }
    if (Bytes.starts(b, 0, "GIF87a") || Bytes.starts(b, 0, "GIF89a")) {
      return GifFile.header(b);
    }
    if (Bytes.starts(b, 0, "RIFF") && Bytes.starts(b, 8, "WEBP")) {
      return WebpFile.header(b);
    }
    if (Bytes.starts(b, 0, "II*\0") || Bytes.starts(b, 0, "MM\0*")) {
      return TiffFile.header(b);
    }
    if (Bytes.starts(b, 0, "BM") && b.length > 26) {
      return BmpFile.header(b);
    }
    if (b.length > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && b[2] <= ' ' && b[2] > 0) {
      return Anymap.header(b);
    }
    throw new BadPictureException(Foreign.reason(b));
  }
}
